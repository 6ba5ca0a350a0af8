"""The game's answers (ResponseObservation, as bytes) to rows of the raw tables, as Arrow record batches.

``layout`` reads from the declared tables what stands where, ``descriptor`` cuts the message down to that, ``ptars_route``
decodes a row group at a time and ``plain_route`` does the same by plain protobuf; ``passes`` says who is observed how and
``observation_tables`` is what callers use.
"""

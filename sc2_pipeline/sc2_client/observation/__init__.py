"""Converts the game's answers (ResponseObservation, as bytes) to Arrow record batches of the raw tables.

``layout`` derives from the declared tables where each value is in the message, ``loose_message`` cuts the message down
to those fields, ``ptars_route`` decodes a row group at a time and ``plain_route`` does the same with plain protobuf;
``passes`` defines who is observed and how, and ``observation_tables`` is the entry point.
"""

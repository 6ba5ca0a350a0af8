from sc2_pipeline.sources.progress_notes import WorkTeller, work_notes


def test_a_note_tells_what_a_worker_is_at_until_it_rests(tmp_path):
    teller = WorkTeller(tmp_path / "notes")

    teller.tell("abcd", "a.SC2Replay", "starting the game")
    [note] = work_notes(tmp_path / "notes")
    teller.rest()

    assert (note.replay_id, note.doing) == ("abcd", "starting the game")
    assert work_notes(tmp_path / "notes") == ()


def test_a_worker_that_has_no_place_for_notes_works_on(tmp_path):
    (tmp_path / "home").write_text("a file where a folder would be")
    teller = WorkTeller(tmp_path / "home" / "notes")

    teller.tell("abcd", "a.SC2Replay", "starting the game")
    teller.rest()

    assert (tmp_path / "home").is_file()

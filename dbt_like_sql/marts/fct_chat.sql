-- Grain: one row per replay and message.
select
    messages.replay_id,
    messages.message_index + 1 as message_number,
    messages.source,
    messages.game_loop,
    game_seconds(messages.game_loop) as seconds,
    messages.user_id,
    messages.player_id,
    players.name,
    messages.recipient,
    messages.text

from raw.chat_messages as messages

left join marts.fct_replay_players as players using (replay_id, player_id)

-- What a pass through the game heard is what the replay tells, once more.
where messages.pass_player_id is null

floor(replay_command FOLDERS daemon/commands daemon/alerts daemon/analysis daemon/replay config protocols
      SOURCES replay.cpp chosen_pack.cpp replayed_pack.cpp replay_progress.cpp analysis_settings.cpp BELOW recording alerts insight_json config)

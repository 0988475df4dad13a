floor(replay_command FOLDERS daemon/commands daemon/analysis daemon/replay config protocols
      SOURCES replay.cpp replay_progress.cpp analysis_settings.cpp BELOW recording insight_json config)

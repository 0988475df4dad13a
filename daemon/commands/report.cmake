floor(report_command FOLDERS daemon/commands daemon/report daemon/analyst daemon/history config protocols
      SOURCES report.cpp report_facts.cpp BELOW replay_command report analyst history recording config)

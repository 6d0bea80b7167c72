#!/bin/bash
# Ends the Slurm that slurm-up.sh started in DIR.
dir=${1:?usage: slurm-down.sh DIR}
for file in "$dir"/slurmd.*.pid "$dir"/slurmctld.pid "$dir"/munge/pid; do
  if [ -f "$file" ]; then kill "$(cat "$file")" 2>/dev/null; fi
done
true

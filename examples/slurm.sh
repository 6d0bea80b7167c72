#!/bin/sh
# The sweep of array-size.yaml on a Slurm cluster: two tasks, and the call waits for them. Further flags go to xbarflow.
set -eu
out=${1:?usage: slurm.sh DIR [FLAGS]}
shift
npx --no-install xbarflow sweep examples/array-size.yaml --out "$out" --executor slurm --points-per-task 2 --wait "$@"

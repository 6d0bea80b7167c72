#!/bin/bash
# Starts a real Slurm on this one host, for tests: munge, a controller and NODES node daemons, everything under DIR.
# Needs root and Debian's slurm-wlm and munge.
set -eu
dir=${1:?usage: slurm-up.sh DIR [NODES [PORT]]}
nodes=${2:-2}
port=${3:-17000}
for program in munged slurmctld slurmd sbatch; do
  command -v "$program" >/dev/null ||
    { echo "slurm-up.sh: no $program (apt-get install slurm-wlm munge)" >&2; exit 3; }
done
[ "$(id -u)" = 0 ] || { echo "slurm-up.sh: needs root" >&2; exit 3; }
install -d -m 0755 "$dir" "$dir/state" "$dir/log"
for i in $(seq 1 "$nodes"); do install -d "$dir/spool/n$i"; done
install -d -o munge -g munge -m 0755 "$dir/munge"
if [ ! -f "$dir/munge/key" ]; then
  dd if=/dev/urandom of="$dir/munge/key" bs=1 count=1024 status=none
  chown munge:munge "$dir/munge/key"
  chmod 400 "$dir/munge/key"
fi
host=$(hostname -s)
cat > "$dir/slurm.conf" <<CONF
ClusterName=test
SlurmctldHost=$host
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$dir/munge/sock
CryptoType=crypto/munge
MpiDefault=none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
ReturnToService=2
SlurmctldPort=$port
SlurmctldPidFile=$dir/slurmctld.pid
SlurmdPidFile=$dir/slurmd.%n.pid
StateSaveLocation=$dir/state
SlurmdSpoolDir=$dir/spool/%n
SlurmctldLogFile=$dir/log/slurmctld.log
SlurmdLogFile=$dir/log/slurmd.%n.log
SchedulerType=sched/backfill
SchedulerParameters=sched_interval=1,sched_min_interval=0,bf_interval=1
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SlurmctldTimeout=30
SlurmdTimeout=5
InactiveLimit=0
KillWait=2
MinJobAge=300
MaxArraySize=10001
MaxJobCount=20000
JobRequeue=1
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/filetxt
JobCompLoc=$dir/log/jobcomp.log
JobAcctGatherType=jobacct_gather/linux
CONF
for i in $(seq 1 "$nodes"); do
  address="NodeHostname=$host NodeAddr=127.0.0.1 Port=$((port + i))"
  echo "NodeName=n$i $address CPUs=1 RealMemory=1000 State=UNKNOWN" >> "$dir/slurm.conf"
done
echo "PartitionName=sim Nodes=n[1-$nodes] Default=YES MaxTime=INFINITE State=UP OverSubscribe=NO" >> "$dir/slurm.conf"
chown root:root "$dir/munge/key"
munge_options=(--key-file="$dir/munge/key" --socket="$dir/munge/sock" --pid-file="$dir/munge/pid")
munge_options+=(--log-file="$dir/munge/log" --seed-file="$dir/munge/seed")
if ! munged "${munge_options[@]}" --force 2>/dev/null; then
  chown munge:munge "$dir/munge/key"
  runuser -u munge -- munged "${munge_options[@]}"
fi
export SLURM_CONF="$dir/slurm.conf"
slurmctld -c
for i in $(seq 1 "$nodes"); do slurmd -N "n$i"; done

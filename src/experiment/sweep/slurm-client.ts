// What is asked of Slurm, through its own programs: sbatch, squeue, sinfo.

import { spawn } from 'node:child_process';
import { UserError, suggestion } from '../../config/index.js';

interface Answer {
  status: number;
  stdout: string;
  stderr: string;
}

/** Runs one of Slurm's programs. @throws UserError where it is not installed. */
function ask(program: string, args: readonly string[]): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.on('error', (error: NodeJS.ErrnoException) => {
      reject(
        error.code === 'ENOENT'
          ? new UserError(
              `--executor slurm: there is no ${program} here; run on a login node of a Slurm cluster, or use ` +
                '--executor local',
            )
          : error,
      );
    });
    child.on('close', (status) => {
      resolve({ status: status ?? 1, stdout, stderr });
    });
  });
}

const firstLine = ({ stderr, stdout }: Answer): string => (stderr.trim() || stdout.trim()).split('\n')[0] ?? '';

/** Makes sure that jobs can be submitted. @throws UserError without sbatch, or for a partition that does not exist. */
export async function checkCluster(partition: string | undefined): Promise<void> {
  const version = await ask('sbatch', ['--version']);
  if (version.status !== 0) throw new UserError(`--executor slurm: sbatch does not work: ${firstLine(version)}`);
  const known = await ask('sinfo', ['-h', '-o', '%R']);
  if (known.status !== 0) throw new UserError(`--executor slurm: the cluster does not answer: ${firstLine(known)}`);
  const names = known.stdout
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  if (partition !== undefined && !names.includes(partition)) {
    throw new UserError(
      `--partition ${partition}: there is no such ` +
        `partition${suggestion(partition, names) || `, expected one of ${[...new Set(names)].join(', ')}`}`,
    );
  }
}

/** Submits a job array. @returns its job number. @throws UserError with what sbatch says. */
export async function submit(args: readonly string[]): Promise<string> {
  const answer = await ask('sbatch', ['--parsable', ...args]);
  if (answer.status !== 0)
    throw new UserError(`--executor slurm: ${firstLine(answer).replace(/^sbatch: error: /, '')}`);
  return answer.stdout.trim().split(';')[0] ?? '';
}

/** Of these jobs, those that wait or run; undefined where the cluster does not answer. */
export async function queued(jobs: readonly string[]): Promise<string[] | undefined> {
  if (jobs.length === 0) return [];
  const answer = await ask('squeue', ['-h', '-o', '%A %F', '-j', jobs.join(',')]);
  if (answer.status === 0) {
    const ids = new Set(answer.stdout.split(/\s+/));
    return jobs.filter((job) => ids.has(job));
  }
  // One forgotten job of several makes squeue refuse the question; they are then asked one by one.
  if (!/invalid job id/i.test(answer.stderr)) return undefined;
  if (jobs.length === 1) return [];
  const each = await Promise.all(jobs.map((job) => queued([job])));
  return each.includes(undefined) ? undefined : each.flatMap((some) => some ?? []);
}

// Loaded before a measured process: at its end it writes what all its threads used to the file of XBARFLOW_USAGE.
import { writeFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

const file = process.env.XBARFLOW_USAGE;
if (isMainThread && file !== undefined)
  process.on('exit', () => {
    const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
    writeFileSync(
      file,
      JSON.stringify({ processorS: (userCPUTime + systemCPUTime) / 1e6, peakRssBytes: maxRSS * 1024 }),
    );
  });

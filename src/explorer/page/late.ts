// Files beside the page that are loaded when they are needed, as scripts: from a file a page may load nothing else.

declare global {
  /** What the scripts beside the page leave: the late worker's code, and the code that draws a report's charts. */
  var explorerLate: { worker?: string; charts?: string[] } | undefined;
}

/** A file that should be beside the page is not: no fault of the program. */
export class NotBeside extends Error {
  override name = 'NotBeside';
}

/** @throws NotBeside where the file is not beside the page */
function loaded(file: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.src = file;
    script.onload = () => {
      resolve();
    };
    script.onerror = () => {
      script.remove();
      reject(new NotBeside(`${file} is not beside this page: xbarflow explore --out writes both`));
    };
    document.head.append(script);
  });
}

/** Code of the worker for numbers, models and reports. */
export async function lateCode(): Promise<string> {
  if (globalThis.explorerLate?.worker === undefined) await loaded('late.js');
  return globalThis.explorerLate?.worker ?? '';
}

/** Code that draws charts in a report. */
export async function chartsCode(): Promise<readonly string[]> {
  if (globalThis.explorerLate?.charts === undefined) await loaded('charts.js');
  return globalThis.explorerLate?.charts ?? [];
}

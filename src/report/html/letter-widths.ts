// Widths of letters in figures that no browser draws: DejaVu's, in which PNG and PDF are set.

/** Advances of the letters from space to tilde, thousandths of the font's size (DejaVu 2.37). */
const SANS = widthsOf(`
  318 401 460 838 636 950 780 275 390 390 500 838 318 361 318 337 636 636 636 636 636 636 636 636 636 636 337 337 838
  838 838 531 1000 684 686 698 770 632 575 775 752 295 295 656 557 863 748 787 603 787 695 635 611 732 684 989 685 611
  685 390 337 390 838 500 500 613 635 550 635 615 352 635 634 278 278 579 278 974 634 612 635 635 411 521 392 634 592
  818 592 592 525 636 337 636 838`);
const SERIF = widthsOf(`
  318 402 460 838 636 950 890 275 390 390 500 838 318 338 318 337 636 636 636 636 636 636 636 636 636 636 337 337 838
  838 838 536 1000 722 735 765 802 730 694 799 872 395 401 747 664 1024 875 820 673 820 753 685 667 843 722 1028 712 660
  695 390 337 390 838 500 500 596 640 560 640 592 370 640 644 320 310 606 320 948 644 602 640 640 478 513 402 644 565
  856 564 565 527 636 337 636 838`);

/** Signs of figures beyond them, of both faces. */
const SIGNS: Record<string, number> = { '×': 838, '·': 318, µ: 640, '²': 401, '−': 838 };
/** Any other letter: the widest of usual ones. */
const OTHER = 1000;
const FIRST = 32;

function widthsOf(text: string): readonly number[] {
  return text.trim().split(/\s+/).map(Number);
}

/** Width of a line of text in the unit of `size`, without kerning. @param font a list of families */
export function textWidth(text: string, size: number, font: string): number {
  const widths = font.includes('Serif') ? SERIF : SANS;
  let sum = 0;
  for (const letter of text) sum += widths[letter.codePointAt(0)! - FIRST] ?? SIGNS[letter] ?? OTHER;
  return (sum * size) / 1000;
}

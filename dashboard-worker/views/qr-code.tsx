/** A text as a picture that a phone can read: a QR code (ISO/IEC 18004), drawn on the server. */
import { encode } from 'uqr';

/** Around the code, in modules: what the standard asks for. */
const QUIET_MODULES = 4;

/** `label` is what somebody who cannot see it is told. Dark on light in both colour schemes, or no phone would read it. */
export function QrCode({ text, label }: { text: string; label: string }) {
  const { data, size } = encode(text, { ecc: 'M', border: QUIET_MODULES });
  return (
    <svg class="qr" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label} shape-rendering="crispEdges">
      <path d={data.map(rowPath).join('')} />
    </svg>
  );
}

/** The dark runs of a row, each as a rectangle one module high. */
function rowPath(row: readonly boolean[], y: number): string {
  let path = '';
  for (let start = 0; start < row.length; start += 1) {
    if (row[start] !== true) continue;
    let end = start;
    while (row[end] === true) end += 1;
    path += `M${start} ${y}h${end - start}v1H${start}z`;
    start = end;
  }
  return path;
}

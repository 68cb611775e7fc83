// A photo made small enough for a mountain link, and rid of all that the camera wrote into it.

const LONGEST_SIDE = 1600;
const QUALITY = 0.8;
/** What the server takes at most. */
const MOST_BYTES = 20 * 1024 * 1024;

/** A JPEG of the picture; the file itself where this browser cannot read it, for the server to
 * say what is wrong with it. Throws a sentence for what is too large to be sent as it is. */
export async function shrunk(file) {
  try {
    const picture = await bitmap(file);
    const scale = Math.min(1, LONGEST_SIDE / Math.max(picture.width, picture.height));
    const canvas = drawn(picture, Math.round(picture.width * scale), Math.round(picture.height * scale));
    picture.close?.();
    const made = await new Promise((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
    canvas.width = canvas.height = 0;  // iPhones are short of memory for canvases
    if (made?.type === "image/jpeg") return made;
  } catch {
    // as HEIC outside of Safari, or half a file
  }
  if (file.size > MOST_BYTES) throw new Error("照片超过20兆，这部手机又不能缩小它，请换一张。");
  return file;
}

/** A square preview of so many pixels; empty where the browser cannot read the picture. */
export async function preview(canvas, blob, side) {
  [canvas.width, canvas.height] = [side, side];
  const picture = await bitmap(blob);
  const part = Math.min(picture.width, picture.height);
  canvas.getContext("2d").drawImage(picture, (picture.width - part) / 2, (picture.height - part) / 2, part, part, 0, 0, side, side);
  picture.close?.();
}

/** Upright, as the camera was held. */
const bitmap = (blob) =>
  createImageBitmap(blob, { imageOrientation: "from-image" }).catch(() => createImageBitmap(blob));

function drawn(picture, width, height) {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [width, height];
  const brush = canvas.getContext("2d");
  brush.imageSmoothingQuality = "high";
  brush.fillStyle = "#fff";  // a JPEG is never see-through
  brush.fillRect(0, 0, width, height);
  brush.drawImage(picture, 0, 0, width, height);
  return canvas;
}

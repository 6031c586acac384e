/** Whether WebGL is drawn by a processor: on servers, in virtual machines, and where a browser has given up on its graphics processor. */

const SOFTWARE = /swiftshader|llvmpipe|softpipe|software|basic render/i;

/** Asks a context that is thrown away. False where there is no WebGL 2, or the browser does not say. */
export function drawsInSoftware(): boolean {
  const gl = document.createElement('canvas').getContext('webgl2');
  if (gl === null) return false;
  const names = gl.getExtension('WEBGL_debug_renderer_info');
  const drawn = String(gl.getParameter(names === null ? gl.RENDERER : names.UNMASKED_RENDERER_WEBGL));
  gl.getExtension('WEBGL_lose_context')?.loseContext();
  return SOFTWARE.test(drawn);
}

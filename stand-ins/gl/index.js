/**
 * Takes the place of the package `gl` (headless WebGL for Node), which gpu.js names as an optional dependency. `gl(width, height)` answers null
 * where there is no display; this one always does, so gpu.js goes on without WebGL in Node. In a browser gpu.js uses the page's own WebGL.
 */
module.exports = () => null;

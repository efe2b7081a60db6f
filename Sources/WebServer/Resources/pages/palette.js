// SPDX-License-Identifier: Apache-2.0
// Puts the saved look on before anything is painted; a classic script, so that it runs first.

try {
  const { palette, density } = JSON.parse(localStorage.getItem("settings")) ?? {};
  if (palette) document.documentElement.dataset.palette = palette;
  if (density) document.documentElement.dataset.density = density;
} catch {
  // What cannot be read counts as nothing saved.
}

// SPDX-License-Identifier: Apache-2.0
// Puts the chosen palette on before anything is painted; a classic script, so that it runs first.

{
  const palette = localStorage.getItem("palette");
  if (palette) document.documentElement.dataset.palette = palette;
}

"""The loop over a face's pixels."""

from __future__ import annotations

import math

import numpy as np

from ...imaging.kernels.compile import fast

WRAP_RED, WRAP_GREEN, WRAP_BLUE = np.float32(0.22), np.float32(0.10), np.float32(0.07)
"""How far light creeps around the terminator, per channel: skin scatters red light most."""

MATERIAL, SURFACE_CHANNELS = 5, 14
"""First channels of a pixel's surface: the texture's; then normal (3), openness, key light, inside, place (3)."""

NORMAL, OPENNESS, KEY, INSIDE, VIEW = 5, 8, 9, 10, 11


@fast
def gather_surface(  # type: ignore[no-untyped-def]
    placed, normals, uv, openness, key, inside, triangles, texture, f, cx, cy, face_index, surface
):
    """Fill ``surface (H, W, SURFACE_CHANNELS)`` where a face is drawn.

    Normals are the viewer's; ``VIEW`` is the unit direction to the camera in the viewer's frame.
    """
    last = texture.shape[0] - 2
    zero, one = np.float32(0), np.float32(1)
    for row in range(face_index.shape[0]):
        dy = np.float32((row - cy) / f)
        for column in range(face_index.shape[1]):
            face = face_index[row, column]
            if face < 0:
                continue
            dx = np.float32((column - cx) / f)
            i, j, k = np.uintp(triangles[face, 0]), np.uintp(triangles[face, 1]), np.uintp(triangles[face, 2])
            u0, v0 = placed[i, 0] - placed[i, 2] * dx, placed[i, 1] - placed[i, 2] * dy
            u1, v1 = placed[j, 0] - placed[j, 2] * dx, placed[j, 1] - placed[j, 2] * dy
            u2, v2 = placed[k, 0] - placed[k, 2] * dx, placed[k, 1] - placed[k, 2] * dy
            a0, a1, a2 = u1 * v2 - v1 * u2, u2 * v0 - v2 * u0, u0 * v1 - v0 * u1
            total = a0 + a1 + a2
            if total == zero:
                continue
            b0, b1, b2 = a0 / total, a1 / total, a2 / total
            out = surface[row, column]
            x = min(max(b0 * uv[i, 0] + b1 * uv[j, 0] + b2 * uv[k, 0], zero), np.float32(last))
            y = min(max(b0 * uv[i, 1] + b1 * uv[j, 1] + b2 * uv[k, 1], zero), np.float32(last))
            left, top = np.uintp(x), np.uintp(y)
            fx, fy = x - np.float32(left), y - np.float32(top)
            w00, w01, w10, w11 = (one - fx) * (one - fy), fx * (one - fy), (one - fx) * fy, fx * fy
            for c in range(MATERIAL):
                out[c] = (
                    w00 * texture[top, left, c] + w01 * texture[top, left + 1, c]
                    + w10 * texture[top + 1, left, c] + w11 * texture[top + 1, left + 1, c]
                )  # fmt: skip
            nx = b0 * normals[i, 0] + b1 * normals[j, 0] + b2 * normals[k, 0]
            ny = b0 * normals[i, 1] + b1 * normals[j, 1] + b2 * normals[k, 1]
            nz = b0 * normals[i, 2] + b1 * normals[j, 2] + b2 * normals[k, 2]
            length = one / math.sqrt(nx * nx + ny * ny + nz * nz + np.float32(1e-12))
            out[NORMAL], out[NORMAL + 1], out[NORMAL + 2] = nx * length, ny * length, nz * length
            out[OPENNESS] = b0 * openness[i] + b1 * openness[j] + b2 * openness[k]
            out[KEY] = b0 * key[i] + b1 * key[j] + b2 * key[k]
            out[INSIDE] = b0 * inside[i] + b1 * inside[j] + b2 * inside[k]
            away = one / math.sqrt(dx * dx + dy * dy + one)
            out[VIEW], out[VIEW + 1], out[VIEW + 2] = -dx * away, dy * away, away


@fast
def light_surface(  # type: ignore[no-untyped-def]
    surface, face_index, ambient, directions, colours, shadow, pixels_per_mm, image
):
    """Fill ``image (H, W, 3)``, linear, where a face is drawn."""
    height, width = face_index.shape
    zero, one = np.float32(0), np.float32(1)
    wrap = (WRAP_RED, WRAP_GREEN, WRAP_BLUE)
    slope = np.float32(0.5 * pixels_per_mm)
    for row in range(height):
        for column in range(width):
            if face_index[row, column] < 0:
                continue
            s = surface[row, column]
            nx, ny, nz = s[NORMAL], s[NORMAL + 1], s[NORMAL + 2]
            if 0 < row < height - 1 and 0 < column < width - 1:
                all_face = (
                    face_index[row, column - 1] >= 0 and face_index[row, column + 1] >= 0
                    and face_index[row - 1, column] >= 0 and face_index[row + 1, column] >= 0
                )  # fmt: skip
                if all_face:
                    gx = slope * (surface[row, column + 1, 4] - surface[row, column - 1, 4])
                    gy = slope * (surface[row - 1, column, 4] - surface[row + 1, column, 4])
                    gx, gy = max(min(gx, one), -one), max(min(gy, one), -one)
                    along = gx * nx + gy * ny
                    nx, ny, nz = nx - (gx - along * nx), ny - (gy - along * ny), nz + along * nz
                    length = one / math.sqrt(nx * nx + ny * ny + nz * nz + np.float32(1e-12))
                    nx, ny, nz = nx * length, ny * length, nz * length
            vx, vy, vz = s[VIEW], s[VIEW + 1], s[VIEW + 2]
            openness, shine = s[OPENNESS], s[3]
            # light bounces between close surfaces of skin: crevices are lit redder than they are dark
            closed = one - openness
            facing = max(nx * vx + ny * vy + nz * vz, zero)
            grazing = one - facing
            fresnel = np.float32(0.035) + np.float32(0.6) * grazing * grazing * grazing * grazing * grazing
            exponent = np.float32(10) + np.float32(26) * min(shine, one) + (np.float32(160) if shine > 1.5 else zero)
            for c in range(3):
                around = ambient[c, 0] + ambient[c, 1] * nx + ambient[c, 2] * ny + ambient[c, 3] * nz
                around = max(around, zero)
                bounce = np.float32(0.30) if c == 0 else np.float32(0.14)
                diffuse = around * (one - closed * (one - bounce))
                mirror = np.float32(0.5) * around * fresnel * openness * min(shine, one)
                for lamp in range(directions.shape[0]):
                    lx, ly, lz = directions[lamp, 0], directions[lamp, 1], directions[lamp, 2]
                    cosine = nx * lx + ny * ly + nz * lz
                    soft = (cosine + wrap[c]) / (one + wrap[c])
                    reach = one - shadow * (one - s[KEY]) if lamp == 0 else np.float32(0.4) + np.float32(0.6) * openness
                    if c == 0:
                        reach = reach + np.float32(0.10) * (one - reach)
                    if soft > zero:
                        diffuse += colours[lamp, c] * soft * (np.float32(0.35) * soft + np.float32(0.65)) * reach
                    if cosine > zero:
                        hx, hy, hz = lx + vx, ly + vy, lz + vz
                        h = (nx * hx + ny * hy + nz * hz) / math.sqrt(hx * hx + hy * hy + hz * hz + np.float32(1e-9))
                        if h > np.float32(0.5):
                            lobe = h**exponent * (exponent + np.float32(8)) * np.float32(0.04)
                            broad = h * h * h * h
                            broad = broad * broad * np.float32(0.12)
                            mirror += colours[lamp, c] * cosine * reach * shine * fresnel * np.float32(3) * (lobe + broad)
                image[row, column, c] = s[c] * diffuse + mirror


@fast
def shrink(image, face_index, surface, table, brightest, colour, cover, inside):  # type: ignore[no-untyped-def]
    """Average 2 x 2 pixels: ``colour (S, S, 3)`` as stored by a camera, ``cover (S, S)`` and ``inside (S, S)``."""
    steps = np.float32(table.shape[0] - 1)
    quarter = np.float32(0.25)
    for row in range(cover.shape[0]):
        for column in range(cover.shape[1]):
            count = 0
            red, green, blue, within = np.float32(0), np.float32(0), np.float32(0), np.float32(0)
            for dy in range(2):
                for dx in range(2):
                    y, x = 2 * row + dy, 2 * column + dx
                    if face_index[y, x] >= 0:
                        count += 1
                        within += surface[y, x, INSIDE]
                        red += min(image[y, x, 0], brightest)
                        green += min(image[y, x, 1], brightest)
                        blue += min(image[y, x, 2], brightest)
            cover[row, column] = count * quarter
            if count == 0:
                continue
            share = np.float32(1) / np.float32(count)
            inside[row, column] = within * share
            scale = share / brightest
            colour[row, column, 0] = table[int(math.sqrt(max(red * scale, np.float32(0))) * steps)]
            colour[row, column, 1] = table[int(math.sqrt(max(green * scale, np.float32(0))) * steps)]
            colour[row, column, 2] = table[int(math.sqrt(max(blue * scale, np.float32(0))) * steps)]

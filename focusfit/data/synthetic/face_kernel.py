"""The loops over a face's pixels."""

from __future__ import annotations

import math

import numpy as np

from ...imaging.kernels.compile import fast

WRAP_RED, WRAP_GREEN, WRAP_BLUE = np.float32(0.22), np.float32(0.10), np.float32(0.07)
"""How far light creeps around the terminator, per channel: skin scatters red light most."""

MATERIAL, SURFACE_CHANNELS = 5, 14
"""Leading channels of a pixel's surface, the texture's, and all of them; the others are named below."""

SHINE, HEIGHT, NORMAL, OPENNESS, KEY, INSIDE, VIEW = 3, 4, 5, 8, 9, 10, 11


@fast
def gather_surface(  # type: ignore[no-untyped-def]
    placed, normals, uv, openness, key, inside, triangles, texture, f, cx, cy, face_index, surface
):
    """Fill ``surface (H, W, SURFACE_CHANNELS)`` where a face is drawn.

    Normals are the viewer's; ``VIEW`` is the unit direction to the camera in the viewer's frame.
    """
    zero, one = np.float32(0), np.float32(1)
    last = np.float32(texture.shape[0] - 2)
    inverse_f = np.float32(1 / f)
    for row in range(face_index.shape[0]):
        dy = (np.float32(row) - np.float32(cy)) * inverse_f
        for column in range(face_index.shape[1]):
            face = face_index[row, column]
            if face < 0:
                continue
            dx = (np.float32(column) - np.float32(cx)) * inverse_f
            i, j, k = np.uintp(triangles[face, 0]), np.uintp(triangles[face, 1]), np.uintp(triangles[face, 2])
            u0, v0 = placed[i, 0] - placed[i, 2] * dx, placed[i, 1] - placed[i, 2] * dy
            u1, v1 = placed[j, 0] - placed[j, 2] * dx, placed[j, 1] - placed[j, 2] * dy
            u2, v2 = placed[k, 0] - placed[k, 2] * dx, placed[k, 1] - placed[k, 2] * dy
            a0, a1, a2 = u1 * v2 - v1 * u2, u2 * v0 - v2 * u0, u0 * v1 - v0 * u1
            total = a0 + a1 + a2
            scale = zero if total == zero else one / total
            b0, b1 = a0 * scale, a1 * scale
            b2 = one - b0 - b1
            out = surface[row, column]
            x = min(max(b0 * uv[i, 0] + b1 * uv[j, 0] + b2 * uv[k, 0], zero), last)
            y = min(max(b0 * uv[i, 1] + b1 * uv[j, 1] + b2 * uv[k, 1], zero), last)
            left, top = np.uintp(x), np.uintp(y)
            fx, fy = x - np.float32(left), y - np.float32(top)
            w00, w01, w10, w11 = (one - fx) * (one - fy), fx * (one - fy), (one - fx) * fy, fx * fy
            t00, t01 = texture[top, left], texture[top, left + 1]
            t10, t11 = texture[top + 1, left], texture[top + 1, left + 1]
            for c in range(MATERIAL):
                out[c] = w00 * t00[c] + w01 * t01[c] + w10 * t10[c] + w11 * t11[c]
            nx = b0 * normals[i, 0] + b1 * normals[j, 0] + b2 * normals[k, 0]
            ny = b0 * normals[i, 1] + b1 * normals[j, 1] + b2 * normals[k, 1]
            nz = b0 * normals[i, 2] + b1 * normals[j, 2] + b2 * normals[k, 2]
            length = one / np.float32(math.sqrt(nx * nx + ny * ny + nz * nz + np.float32(1e-12)))
            out[NORMAL], out[NORMAL + 1], out[NORMAL + 2] = nx * length, ny * length, nz * length
            out[OPENNESS] = b0 * openness[i] + b1 * openness[j] + b2 * openness[k]
            out[KEY] = b0 * key[i] + b1 * key[j] + b2 * key[k]
            out[INSIDE] = b0 * inside[i] + b1 * inside[j] + b2 * inside[k]
            away = one / np.float32(math.sqrt(dx * dx + dy * dy + one))
            out[VIEW], out[VIEW + 1], out[VIEW + 2] = -dx * away, dy * away, away


@fast
def light_surface(  # type: ignore[no-untyped-def]
    surface, face_index, ambient, directions, colours, shadow, pixels_per_mm, image
):
    """Fill ``image (H, W, 3)``, linear, where a face is drawn."""
    height, width = face_index.shape
    zero, one = np.float32(0), np.float32(1)
    slope = np.float32(0.5) * pixels_per_mm
    for row in range(height):
        for column in range(width):
            if face_index[row, column] < 0:
                continue
            s = surface[row, column]
            nx, ny, nz = s[NORMAL], s[NORMAL + 1], s[NORMAL + 2]
            if 0 < row < height - 1 and 0 < column < width - 1 and (
                face_index[row, column - 1] >= 0 and face_index[row, column + 1] >= 0
                and face_index[row - 1, column] >= 0 and face_index[row + 1, column] >= 0
            ):  # fmt: skip
                # relief tilts the normal against the slope of the height across the picture
                gx = slope * (surface[row, column + 1, HEIGHT] - surface[row, column - 1, HEIGHT])
                gy = slope * (surface[row - 1, column, HEIGHT] - surface[row + 1, column, HEIGHT])
                gx, gy = max(min(gx, one), -one), max(min(gy, one), -one)
                along = gx * nx + gy * ny
                nx, ny, nz = nx - gx + along * nx, ny - gy + along * ny, nz + along * nz
                length = one / np.float32(math.sqrt(nx * nx + ny * ny + nz * nz + np.float32(1e-12)))
                nx, ny, nz = nx * length, ny * length, nz * length
            vx, vy, vz = s[VIEW], s[VIEW + 1], s[VIEW + 2]
            openness, shine = s[OPENNESS], s[SHINE]
            closed, polish = one - openness, min(s[SHINE], one)
            grazing = one - max(nx * vx + ny * vy + nz * vz, zero)
            square = grazing * grazing
            # Schlick's approximation of Fresnel's law; skin's index of refraction is 1.4
            fresnel = np.float32(0.03) + np.float32(0.6) * square * square * grazing
            exponent = np.float32(10) + np.float32(26) * polish + (np.float32(160) if shine > np.float32(1.5) else zero)
            red = max(ambient[0, 0] + ambient[0, 1] * nx + ambient[0, 2] * ny + ambient[0, 3] * nz, zero)
            green = max(ambient[1, 0] + ambient[1, 1] * nx + ambient[1, 2] * ny + ambient[1, 3] * nz, zero)
            blue = max(ambient[2, 0] + ambient[2, 1] * nx + ambient[2, 2] * ny + ambient[2, 3] * nz, zero)
            mirror = np.float32(0.5) * fresnel * openness * polish
            shine_red, shine_green, shine_blue = red * mirror, green * mirror, blue * mirror
            # light bounces between surfaces of skin: crevices are redder than they are dark
            red *= one - closed * np.float32(0.70)
            green *= one - closed * np.float32(0.86)
            blue *= one - closed * np.float32(0.86)
            for lamp in range(directions.shape[0]):
                lx, ly, lz = directions[lamp, 0], directions[lamp, 1], directions[lamp, 2]
                cosine = nx * lx + ny * ly + nz * lz
                if cosine < -WRAP_RED:
                    continue
                reach = np.float32(0.4) + np.float32(0.6) * openness
                if lamp == 0:
                    reach = one - shadow * (one - s[KEY])
                red += colours[lamp, 0] * wrapped(cosine, WRAP_RED) * (reach + np.float32(0.1) * (one - reach))
                green += colours[lamp, 1] * wrapped(cosine, WRAP_GREEN) * reach
                blue += colours[lamp, 2] * wrapped(cosine, WRAP_BLUE) * reach
                if cosine > zero:
                    hx, hy, hz = lx + vx, ly + vy, lz + vz
                    length = np.float32(math.sqrt(hx * hx + hy * hy + hz * hz + np.float32(1e-9)))
                    h = (nx * hx + ny * hy + nz * hz) / length
                    if h > np.float32(0.5):
                        # Blinn and Phong's lobe for the highlight and a broad one for the sheen of skin
                        lobe = np.float32(h**exponent) * (exponent + np.float32(8)) * np.float32(0.04)
                        broad = h * h * h * h
                        lobe += broad * broad * np.float32(0.12)
                        gloss = cosine * reach * shine * fresnel * np.float32(5) * lobe
                        shine_red += colours[lamp, 0] * gloss
                        shine_green += colours[lamp, 1] * gloss
                        shine_blue += colours[lamp, 2] * gloss
            image[row, column, 0] = s[0] * red + shine_red
            image[row, column, 1] = s[1] * green + shine_green
            image[row, column, 2] = s[2] * blue + shine_blue


@fast
def wrapped(cosine, wrap):  # type: ignore[no-untyped-def]
    """Light that a surface at this cosine to the lamp receives, if it creeps ``wrap`` around the terminator."""
    one = np.float32(1)
    soft = max((cosine + wrap) / (one + wrap), np.float32(0))
    return soft * (np.float32(0.65) + np.float32(0.35) * soft)


@fast
def shrink(  # type: ignore[no-untyped-def]
    image, face_index, fine_depth, surface, table, brightest, colour, cover, inside, depth
):
    """Average 2 x 2 pixels of what a camera stores: fills the last four arrays; ``depth`` keeps the nearest."""
    steps = np.float32(table.shape[0] - 1)
    zero, one, quarter = np.float32(0), np.float32(1), np.float32(0.25)
    for row in range(cover.shape[0]):
        for column in range(cover.shape[1]):
            count = zero
            nearest = np.inf
            red, green, blue, within = zero, zero, zero, zero
            for dy in range(2):
                for dx in range(2):
                    y, x = 2 * row + dy, 2 * column + dx
                    if face_index[y, x] >= 0:
                        count += one
                        within += surface[y, x, INSIDE]
                        nearest = min(nearest, fine_depth[y, x])
                        red += min(image[y, x, 0], brightest)
                        green += min(image[y, x, 1], brightest)
                        blue += min(image[y, x, 2], brightest)
            cover[row, column] = count * quarter
            depth[row, column] = nearest
            inside[row, column] = zero
            if count == zero:
                colour[row, column, 0], colour[row, column, 1], colour[row, column, 2] = zero, zero, zero
                continue
            inside[row, column] = within / count
            scale = one / (count * brightest)
            colour[row, column, 0] = table[np.intp(np.float32(math.sqrt(max(red * scale, zero))) * steps)]
            colour[row, column, 1] = table[np.intp(np.float32(math.sqrt(max(green * scale, zero))) * steps)]
            colour[row, column, 2] = table[np.intp(np.float32(math.sqrt(max(blue * scale, zero))) * steps)]

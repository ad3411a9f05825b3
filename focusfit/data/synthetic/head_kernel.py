"""The loops that light and draw a head and what it wears."""

from __future__ import annotations

import math

import numpy as np

from ...imaging.kernels.compile import fast

LIT, IRRADIANCE, GARMENT, SCALP, PLACE, CHANNELS = 0, 3, 6, 7, 8, 11
"""First channels of a vertex: lit skin (3), light on it (3), mm below neckline, mm inside hairline, place (3)."""

JOINED = 6.0
"""mm between head and face at which they are taken for one skin."""

BURIED = 30.0
"""mm behind the face from which on the head is not drawn, but for the face's outline."""

SKIN_GRAIN = np.float32(0.035 / 32)
"""Relative spread of skin's brightness from spot to spot."""


@fast
def light_vertices(  # type: ignore[no-untyped-def]
    normals, openness, key, skin, ambient, directions, colours, shadow, shine, values
):
    """Fill the lit skin and the light of ``values (V, CHANNELS)``; ``normals`` are the viewer's.

    The light is that of the face's own rendering, without its relief.
    """
    zero, one = np.float32(0), np.float32(1)
    wrap = (np.float32(0.22), np.float32(0.10), np.float32(0.07))
    for v in range(normals.shape[0]):
        nx, ny, nz = normals[v, 0], normals[v, 1], normals[v, 2]
        closed = one - openness[v]
        grazing = one - max(nz, zero)
        fresnel = np.float32(0.035) + np.float32(0.6) * grazing * grazing * grazing * grazing * grazing
        for c in range(3):
            around = ambient[c, 0] + ambient[c, 1] * nx + ambient[c, 2] * ny + ambient[c, 3] * nz
            around = max(around, zero)
            bounce = np.float32(0.30) if c == 0 else np.float32(0.14)
            diffuse = around * (one - closed * (one - bounce))
            mirror = np.float32(0.5) * around * fresnel * openness[v] * shine
            for lamp in range(directions.shape[0]):
                lx, ly, lz = directions[lamp, 0], directions[lamp, 1], directions[lamp, 2]
                cosine = nx * lx + ny * ly + nz * lz
                soft = (cosine + wrap[c]) / (one + wrap[c])
                reach = np.float32(0.4) + np.float32(0.6) * openness[v]
                if lamp == 0:
                    reach = one - shadow * (one - key[v])
                if c == 0:
                    reach = reach + np.float32(0.10) * (one - reach)
                if soft > zero:
                    diffuse += colours[lamp, c] * soft * (np.float32(0.35) * soft + np.float32(0.65)) * reach
                if cosine > zero:
                    hx, hy, hz = lx, ly, lz + one
                    h = (nx * hx + ny * hy + nz * hz) / math.sqrt(hx * hx + hy * hy + hz * hz + np.float32(1e-9))
                    if h > np.float32(0.5):
                        broad = h * h * h * h
                        mirror += colours[lamp, c] * cosine * reach * shine * fresnel * broad * broad * broad
            values[v, LIT + c] = skin[v, c] * diffuse + mirror
            values[v, IRRADIANCE + c] = diffuse


@fast
def draw_surface(  # type: ignore[no-untyped-def]
    placed, values, triangles, part, f, cx, cy, index, depth, patterns, cloth_scale, collar, hair, hair_edge, speckle,
    face_depth, image, front_image, front_depth, joined,
):  # fmt: skip
    """Fill ``image (H, W, 3)``, linear, where ``index`` names a triangle; hair and hats before the face go to both.

    Args:
        placed: ``(V, 3)`` camera frame.
        values: ``(V, CHANNELS)``.
        triangles: ``(F, 3)``.
        part: ``(F,)`` 0 for the head, else the pattern of a piece of headwear.
        f: focal length in pixels.
        cx: column of the principal point.
        cy: its row.
        index: ``(H, W)``.
        depth: ``(H, W)`` mm.
        patterns: ``(K, T, T, 3)`` linear albedo, tiling; the first is the garment's.
        cloth_scale: texels of the garment per mm.
        collar: mm of a border that is a little darker.
        hair: ``(3,)`` linear albedo of the hair on the scalp.
        hair_edge: mm over which the hairline fades.
        speckle: ``(N, N)`` int8 noise, 32 a standard deviation, tiling.
        face_depth: ``(H / 2, W / 2)`` mm, infinite where there is no face.
        image: the answer.
        front_image: the same, before the face only.
        front_depth: ``(H, W)`` mm, infinite where there is nothing before the face.
        joined: ``(H / 2, W / 2)`` set to 1 where the head's skin lies close to the face's.
    """
    zero = np.float32(0)
    tile, cloth = patterns.shape[1], patterns[0]
    value, pixel = np.empty(CHANNELS, np.float32), np.empty(3, np.float32)
    for row in range(index.shape[0]):
        dy = np.float32((row - cy) / f)
        for column in range(index.shape[1]):
            face = index[row, column]
            if face < 0:
                continue
            if buried(depth[row, column], face_depth, row >> 1, column >> 1):
                image[row, column, 0], image[row, column, 1], image[row, column, 2] = zero, zero, zero
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
            for c in range(CHANNELS):
                value[c] = b0 * values[i, c] + b1 * values[j, c] + b2 * values[k, c]
            if abs(depth[row, column] - face_depth[row >> 1, column >> 1]) < JOINED:
                joined[row >> 1, column >> 1] = 1
            pixel[0], pixel[1], pixel[2] = value[LIT], value[LIT + 1], value[LIT + 2]
            before = depth[row, column] < face_depth[row >> 1, column >> 1] < np.float32(1e9)
            number = part[face]
            if number > 0:
                tx, ty = math.floor(value[PLACE]) % tile, math.floor(value[PLACE + 1]) % tile
                for c in range(3):
                    pixel[c] += patterns[number, ty, tx, c] * value[IRRADIANCE + c]
            elif value[GARMENT] > zero:
                before = False
                wear_cloth(value, cloth, cloth_scale, collar, pixel)
            elif value[SCALP] > -hair_edge:
                cover = grow_hair(value, hair, hair_edge, speckle, pixel)
                before = before and cover > np.float32(0.6)
            else:
                before = False
                u = math.floor(value[PLACE + 1] * np.float32(0.9) + value[PLACE] * np.float32(0.3)) % speckle.shape[0]
                v = math.floor(value[PLACE + 2] * np.float32(0.9) + value[PLACE] * np.float32(0.7)) % speckle.shape[0]
                blotch = np.float32(1) + SKIN_GRAIN * speckle[u, v]
                for c in range(3):
                    pixel[c] *= blotch
            for c in range(3):
                image[row, column, c] = pixel[c]
            if before:
                front_depth[row, column] = depth[row, column]
                for c in range(3):
                    front_image[row, column, c] = pixel[c]


@fast
def buried(depth, face_depth, row, column):  # type: ignore[no-untyped-def]
    """Whether a point lies well behind the face's inside, where nobody sees it."""
    size = face_depth.shape[0]
    if row < 2 or column < 2 or row >= size - 2 or column >= size - 2 or depth < face_depth[row, column] + BURIED:
        return False
    least = max(face_depth[row - 2, column], face_depth[row + 2, column])
    return max(least, max(face_depth[row, column - 2], face_depth[row, column + 2])) < np.float32(1e9)


@fast
def wear_cloth(value, cloth, scale, collar, pixel):  # type: ignore[no-untyped-def]
    """Replace ``pixel`` by the garment's colour there."""
    tile = cloth.shape[0]
    below = value[GARMENT]
    # rows of the pattern run from the back over the shoulders and down the chest
    over = np.float32(0.8) * value[PLACE + 2] - value[PLACE + 1]
    tx, ty = math.floor(value[PLACE] * scale) % tile, math.floor(over * scale) % tile
    shade = np.float32(1) if below > collar else np.float32(0.8)
    if below < np.float32(1.2):
        shade *= np.float32(0.6)
    for c in range(3):
        pixel[c] = cloth[ty, tx, c] * value[IRRADIANCE + c] * shade


@fast
def grow_hair(value, hair, edge, speckle, pixel):  # type: ignore[no-untyped-def]
    """Cover ``pixel`` with the hair that lies on the skull there; returns its opacity."""
    size, inside = speckle.shape[0], value[SCALP]
    turn = math.atan2(value[PLACE], value[PLACE + 2] + np.float32(90))
    nx = math.floor(turn * np.float32(90)) % size
    ny = math.floor(value[PLACE + 1] * np.float32(0.35) + value[PLACE + 2] * np.float32(0.2)) % size
    grain = speckle[ny, nx] * np.float32(1 / 32)
    cover = (inside + edge * (np.float32(1) + np.float32(0.5) * grain)) / (2 * edge)
    cover = min(max(cover, np.float32(0)), np.float32(1))
    shade = max(np.float32(1) + np.float32(0.22) * grain, np.float32(0.3))
    for c in range(3):
        pixel[c] += cover * (hair[c] * value[IRRADIANCE + c] * shade - pixel[c])
    return cover


@fast
def halve(image, depth, table, brightest, colour, cover):  # type: ignore[no-untyped-def]
    """Average 2 x 2 pixels of linear ``image`` where ``depth`` is finite: sRGB ``colour``, and ``cover (S, S)``."""
    steps = np.float32(table.shape[0] - 1)
    for row in range(cover.shape[0]):
        for column in range(cover.shape[1]):
            count = 0
            red, green, blue = np.float32(0), np.float32(0), np.float32(0)
            for dy in range(2):
                for dx in range(2):
                    y, x = 2 * row + dy, 2 * column + dx
                    if depth[y, x] < np.float32(1e9):
                        count += 1
                        red += min(image[y, x, 0], brightest)
                        green += min(image[y, x, 1], brightest)
                        blue += min(image[y, x, 2], brightest)
            cover[row, column] = count * np.float32(0.25)
            if count == 0:
                continue
            scale = np.float32(1) / (np.float32(count) * brightest)
            colour[row, column, 0] = table[int(math.sqrt(max(red * scale, np.float32(0))) * steps)]
            colour[row, column, 1] = table[int(math.sqrt(max(green * scale, np.float32(0))) * steps)]
            colour[row, column, 2] = table[int(math.sqrt(max(blue * scale, np.float32(0))) * steps)]

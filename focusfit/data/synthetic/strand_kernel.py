"""The loop that lights and draws locks of hair."""

from __future__ import annotations

import math

import numpy as np

from ...imaging.kernels.compile import fast


@fast
def draw_strands(  # type: ignore[no-untyped-def]
    order, points, moved, colour, width, shine, centre, rotation, translation, f, cx, cy,
    ambient, directions, colours, shadow, face_depth, image, depth, front_image, front_depth,
):  # fmt: skip
    """Draw curves with depth test into two pictures: what is before the face, and the rest.

    Hair reflects as Kajiya and Kay (1989) say of thin cylinders; it is shaded as if it faced away from ``centre``.

    Args:
        order: ``(N,)`` in which they are drawn: nearest first is fastest.
        points: ``(N, P, 3)`` mm, own frame.
        moved: ``(N, 3)`` by how much each curve's carrier has moved.
        colour: ``(N, 3)`` linear albedo.
        width: mm.
        shine: strength of highlights.
        centre: ``(3,)`` mm, own frame.
        rotation: ``(3, 3)`` to the camera frame.
        translation: ``(3,)`` likewise.
        f: focal length in pixels of ``image``.
        cx: column of the principal point.
        cy: its row.
        ambient: ``(3, 4)`` of the lighting.
        directions: ``(L, 3)`` viewer's frame.
        colours: ``(L, 3)``.
        shadow: how dark the key light's shadows are.
        face_depth: ``(S, S)`` infinite where there is no face; half as fine as ``image``.
        image: ``(2 S, 2 S, 3)`` linear.
        depth: ``(2 S, 2 S)`` mm.
        front_image: as ``image``, for what is before the face.
        front_depth: as ``depth``, likewise.
    """
    size, steps = image.shape[0], points.shape[1]
    zero, one = np.float32(0), np.float32(1)
    screen = np.empty((steps, 3), np.float32)
    lit = np.empty((steps, 3), np.float32)
    place = np.empty((steps, 3), np.float32)
    for n in order:
        for k in range(steps):
            x, y, z = points[n, k, 0] + moved[n, 0], points[n, k, 1] + moved[n, 1], points[n, k, 2] + moved[n, 2]
            for c in range(3):
                place[k, c] = rotation[c, 0] * x + rotation[c, 1] * y + rotation[c, 2] * z
            deep = place[k, 2] + translation[2]
            if deep < one:
                deep = one
            screen[k, 0] = f * (place[k, 0] + translation[0]) / deep + cx
            screen[k, 1] = f * (place[k, 1] + translation[1]) / deep + cy
            screen[k, 2] = deep
        mx = rotation[0, 0] * centre[0] + rotation[0, 1] * centre[1] + rotation[0, 2] * centre[2]
        my = rotation[1, 0] * centre[0] + rotation[1, 1] * centre[1] + rotation[1, 2] * centre[2]
        mz = rotation[2, 0] * centre[0] + rotation[2, 1] * centre[1] + rotation[2, 2] * centre[2]
        for k in range(steps):
            last, first = min(k + 1, steps - 1), max(k - 1, 0)
            # the viewer's frame: y and z turned round
            tx, ty, tz = place[last, 0] - place[first, 0], place[first, 1] - place[last, 1], place[first, 2]
            tz -= place[last, 2]
            scale = one / math.sqrt(tx * tx + ty * ty + tz * tz + np.float32(1e-9))
            tx, ty, tz = tx * scale, ty * scale, tz * scale
            nx, ny, nz = place[k, 0] - mx, my - place[k, 1], mz - place[k, 2]
            scale = one / math.sqrt(nx * nx + ny * ny + nz * nz + np.float32(1e-9))
            nx, ny, nz = nx * scale, ny * scale, nz * scale
            along = np.float32(k) / np.float32(steps - 1)
            depth_in_hair = np.float32(0.5) + np.float32(0.5) * min(one, np.float32(2.2) * along)
            for c in range(3):
                around = max(ambient[c, 0] + ambient[c, 1] * nx + ambient[c, 2] * ny + ambient[c, 3] * nz, zero)
                lit[k, c] = around * (colour[n, c] * depth_in_hair + np.float32(0.012) * shine)
            for lamp in range(directions.shape[0]):
                lx, ly, lz = directions[lamp, 0], directions[lamp, 1], directions[lamp, 2]
                facing = (nx * lx + ny * ly + nz * lz + np.float32(0.3)) / np.float32(1.3)
                if facing <= zero:
                    continue
                tl = tx * lx + ty * ly + tz * lz
                thin = math.sqrt(max(one - tl * tl, zero))
                diffuse = facing * (np.float32(0.35) + np.float32(0.65) * thin) * depth_in_hair
                scale = one / math.sqrt(lx * lx + ly * ly + (lz + one) * (lz + one) + np.float32(1e-9))
                th = (tx * lx + ty * ly + tz * (lz + one)) * scale
                broad = max(one - th * th, zero)
                broad *= broad
                broad *= broad
                broad *= broad
                clear = np.float32(0.045) * facing * shine * broad * broad * broad
                tinted = diffuse + np.float32(0.55) * facing * shine * broad
                for c in range(3):
                    lit[k, c] += colours[lamp, c] * (colour[n, c] * tinted + clear)
        thick = width * f / screen[0, 2]
        for k in range(steps - 1):
            if screen[k, 2] <= np.float32(10) or screen[k + 1, 2] <= np.float32(10):
                continue
            x0, y0, x1, y1 = screen[k, 0], screen[k, 1], screen[k + 1, 0], screen[k + 1, 1]
            if max(x0, x1) < zero or max(y0, y1) < zero or min(x0, x1) >= size or min(y0, y1) >= size:
                continue
            spread = max(abs(x1 - x0), abs(y1 - y0))
            if spread > np.float32(size):
                continue
            upright = abs(y1 - y0) > abs(x1 - x0)
            samples = int(spread) + 1
            taper = one - np.float32(k) / np.float32(steps - 1)
            wide = max(1, int(thick * min(one, np.float32(0.35) + taper) + np.float32(0.5)))
            thinness = one / np.float32(wide)
            for s in range(samples):
                t = (np.float32(s) + np.float32(0.5)) / np.float32(samples)
                x, y = x0 + t * (x1 - x0), y0 + t * (y1 - y0)
                deep = screen[k, 2] + t * (screen[k + 1, 2] - screen[k, 2])
                red = lit[k, 0] + t * (lit[k + 1, 0] - lit[k, 0])
                green = lit[k, 1] + t * (lit[k + 1, 1] - lit[k, 1])
                blue = lit[k, 2] + t * (lit[k + 1, 2] - lit[k, 2])
                for across in range(wide):
                    shift = np.float32(across) - np.float32(0.5) * np.float32(wide - 1)
                    # shifted by one so that truncation rounds towards the left
                    column = int(x + (shift if upright else zero) + np.float32(1.5)) - 1
                    row = int(y + (zero if upright else shift) + np.float32(1.5)) - 1
                    if column < 0 or row < 0 or column >= size or row >= size:
                        continue
                    before = deep < face_depth[row >> 1, column >> 1] < np.float32(1e9)
                    if deep >= (front_depth[row, column] if before else depth[row, column]):
                        continue
                    # a lock is round: its sides are darker
                    shade = one - np.float32(0.6) * abs(shift) * thinness
                    if before:
                        front_depth[row, column] = deep
                        front_image[row, column, 0] = red * shade
                        front_image[row, column, 1] = green * shade
                        front_image[row, column, 2] = blue * shade
                    else:
                        depth[row, column] = deep
                        image[row, column, 0] = red * shade
                        image[row, column, 1] = green * shade
                        image[row, column, 2] = blue * shade

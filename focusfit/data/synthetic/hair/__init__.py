"""Hair and headwear: one family of styles a file, all of them in :data:`focusfit.data.synthetic.hair.styles.STYLES`."""

"""Makes the encoded images of this folder. Run with Pillow 9.4 and numpy (Debian 12: python3-pil, python3-numpy)."""
import numpy as np
from PIL import Image

# 48 x 32: four flat quarters (red, green, blue, light grey), so that lossy coding changes them by little.
RED, GREEN, BLUE, GREY = (180, 30, 40), (20, 160, 60), (30, 60, 170), (170, 170, 170)
quarters = np.zeros((32, 48, 3), np.uint8)
quarters[:16, :24], quarters[:16, 24:], quarters[16:, :24], quarters[16:, 24:] = RED, GREEN, BLUE, GREY
rgb = Image.fromarray(quarters)
rgb.save("progressive.jpg", quality=95, subsampling=0, progressive=True)
rgb.convert("P", palette=Image.Palette.ADAPTIVE).save(
    "two-frames.gif", save_all=True, append_images=[Image.new("P", (48, 32))], duration=100)
rgb.save("quarters.bmp")
rgb.save("lossless.webp", lossless=True)
exif = Image.Exif()
exif[0x0112] = 6  # shown turned clockwise
rgb.save("turned.webp", lossless=True, exif=exif.tobytes())
rgba = rgb.convert("RGBA")
rgba.putalpha(Image.linear_gradient("L").resize((48, 32)))
rgba.save("alpha.png")

# CMYK with a quarter of black ink everywhere; Pillow writes it inverted, with an Adobe marker of transform 0.
k = 64
ink = np.zeros((32, 48, 4), np.uint8)
ink[..., 3] = k
for channel in range(3):  # rgb = (255 - ink) * (255 - k) / 255
    ink[..., channel] = np.clip(255 - quarters[..., channel] * 255.0 / (255 - k), 0, 255).round()
Image.fromarray(ink, "CMYK").save("cmyk.jpg", quality=95, subsampling=0)

# YCCK: the same inks, their three colours turned into YCbCr (stored as they are, so inverted once more against Pillow's
# own inversion), and the transform byte of the Adobe marker set to 2.
ycc = np.array(Image.fromarray(ink[..., :3]).convert("YCbCr"))
planes = np.dstack([255 - ycc, ink[..., 3:]])
Image.fromarray(planes, "CMYK").save("ycck.jpg", quality=95, subsampling=0)
data = bytearray(open("ycck.jpg", "rb").read())
adobe = data.index(b"Adobe")
assert data[adobe + 11] == 0
data[adobe + 11] = 2
open("ycck.jpg", "wb").write(data)

# The same as cmyk.jpg without the Adobe marker.
data = bytearray(open("cmyk.jpg", "rb").read())
adobe = data.index(b"Adobe")
del data[adobe - 4:adobe + 12]
open("cmyk-unmarked.jpg", "wb").write(data)

for name in ("cmyk.jpg", "ycck.jpg", "cmyk-unmarked.jpg"):
    shown = Image.open(name).convert("RGB")
    print(name, [shown.getpixel(p) for p in ((12, 8), (36, 8), (12, 24), (36, 24))])

using MsVit.MLNet;

namespace MsVit.Tests.Data.Images;

public sealed class HostileImageTests
{
    private static readonly string[] Files =
        ["quarters.bmp", "lossless.webp", "two-frames.gif", "progressive.jpg", "cmyk.jpg", "ycck.jpg", "alpha.png"];

    [Fact]
    public void Two_thousand_damaged_files_give_a_image_or_the_one_exception()
    {
        var originals = Files.Select(TestImages.Asset).ToArray();
        var fitter = new ImageFitter(16, 16, 3);
        var decoded = 0;
        for (var i = 0; i < 2000; i++)
        {
            var random = new RandomStream(50, (ulong)i, 0);
            var damaged = Damage(originals[i % originals.Length], ref random);
            try
            {
                // A smaller limit than the default, so that a damaged header does not make the test slow.
                var image = ImageDecoder.Decode(damaged, $"file {i}", fitter, maxPixels: 4_000_000);
                fitter.Fit(image, new byte[fitter.Length]);
                decoded++;
            }
            catch (UndecodableImageException e)
            {
                Assert.Equal($"file {i}", e.ImageSource);
            }
        }
        Assert.InRange(decoded, 100, 1900);
    }

    private static byte[] Damage(byte[] original, ref RandomStream random)
    {
        var bytes = (byte[])original.Clone();
        for (var n = 1 + random.NextInt(8); n > 0; n--)
        {
            var at = random.NextInt(bytes.Length);
            switch (random.NextInt(4))
            {
                case 0:
                    bytes[at] = (byte)random.NextUInt32();
                    break;
                case 1:
                    bytes[at] ^= (byte)(1 << random.NextInt(8));
                    break;
                case 2:
                    bytes = [.. bytes[..at], .. bytes[Math.Min(bytes.Length - 1, at + random.NextInt(16))..]];
                    break;
                default:
                    bytes = [.. bytes[..at], .. TestImages.Noise(random.NextInt(16), ref random), .. bytes[at..]];
                    break;
            }
        }
        return random.NextInt(4) == 0 ? bytes[..random.NextInt(bytes.Length + 1)] : bytes;
    }
}

using System.Security.Cryptography;
using System.Text.Json;
using MsVit.MLNet;
using MsVit.Tests.Golden;

namespace MsVit.Tests.Data.Images;

public sealed class ImageResamplerTests
{
    [NeedsAugmentGoldenFact(Photos = true)]
    public void Resizing_agrees_with_Pillow_byte_for_byte()
    {
        var golden = new ResizeGolden();
        foreach (var entry in golden.Cases)
        {
            var name = entry.GetProperty("output").GetString()!;
            var source = golden.Source(entry.GetProperty("source").GetString()!);
            var (expected, height, width) = golden.Tensor(name);
            var actual = Run(entry, source);
            Assert.True(expected.AsSpan().SequenceEqual(TestImages.ToPlanar(actual)), name);
            Assert.Equal((height, width), (actual.Height, actual.Width));
        }
    }

    [NeedsAugmentGoldenFact(Photos = true)]
    public void Photographs_decode_to_the_bytes_that_Pillow_sees()
    {
        var golden = new ResizeGolden();
        foreach (var file in golden.Document.GetProperty("files").EnumerateObject())
        {
            var image = golden.Source(file.Name);
            Assert.Equal(file.Value.GetProperty("width").GetInt32(), image.Width);
            Assert.Equal(file.Value.GetProperty("sha256_of_rgb_bytes").GetString(),
                Convert.ToHexStringLower(SHA256.HashData(image.Pixels)));
        }
    }

    [Theory]
    [InlineData(ImageFilter.Bicubic)]
    [InlineData(ImageFilter.Bilinear)]
    public void Random_images_agree_with_the_definition_within_one_level(ImageFilter filter)
    {
        var random = new RandomStream(20, (ulong)filter, 0);
        for (var round = 0; round < 60; round++)
        {
            var (width, height) = (1 + random.NextInt(70), 1 + random.NextInt(70));
            var (newWidth, newHeight) = (1 + random.NextInt(70), 1 + random.NextInt(70));
            var channels = 1 + (2 * random.NextInt(2));
            var pixels = TestImages.Noise(width * height * channels, ref random);
            var resized = new byte[newWidth * newHeight * channels];
            ImageResampler.Resample(pixels, width, height, channels, newWidth, newHeight, filter, new(0, 0, newWidth, newHeight), resized);
            for (var c = 0; c < channels; c++)
            {
                var plane = new double[height, width];
                for (var i = 0; i < width * height; i++)
                {
                    plane[i / width, i % width] = pixels[(i * channels) + c];
                }
                var expected = SlowResize.Resize(plane, newHeight, newWidth, filter, SlowResize.ToGray);
                for (var i = 0; i < newWidth * newHeight; i++)
                {
                    var level = expected[i / newWidth, i % newWidth];
                    Assert.InRange(resized[(i * channels) + c], level - 1, level + 1);
                }
            }
        }
    }

    [Fact]
    public void A_window_of_the_resized_image_equals_that_part_of_the_whole()
    {
        var random = new RandomStream(21, 0, 0);
        for (var round = 0; round < 40; round++)
        {
            var (width, height) = (1 + random.NextInt(60), 1 + random.NextInt(60));
            var (newWidth, newHeight) = (1 + random.NextInt(60), 1 + random.NextInt(60));
            var (left, top) = (random.NextInt(newWidth), random.NextInt(newHeight));
            var window = new PixelBox(left, top, 1 + random.NextInt(newWidth - left), 1 + random.NextInt(newHeight - top));
            var pixels = TestImages.Noise(width * height * 3, ref random);

            var whole = new byte[newWidth * newHeight * 3];
            ImageResampler.Resample(pixels, width, height, 3, newWidth, newHeight, ImageFilter.Bicubic, new(0, 0, newWidth, newHeight),
                whole);
            var part = new byte[window.Width * window.Height * 3];
            ImageResampler.Resample(pixels, width, height, 3, newWidth, newHeight, ImageFilter.Bicubic, window, part);

            for (var y = 0; y < window.Height; y++)
            {
                var expected = whole.AsSpan((((top + y) * newWidth) + left) * 3, window.Width * 3);
                Assert.True(expected.SequenceEqual(part.AsSpan(y * window.Width * 3, window.Width * 3)));
            }
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(137)]
    [InlineData(255)]
    public void An_image_of_one_gray_level_keeps_it_at_any_size(byte level)
    {
        var pixels = Enumerable.Repeat(level, 37 * 23).ToArray();
        var resized = new byte[100 * 9];
        ImageResampler.Resample(pixels, 37, 23, 1, 100, 9, ImageFilter.Bicubic, new(0, 0, 100, 9), resized);
        Assert.All(resized, value => Assert.Equal(level, value));
    }

    private static RgbImage Run(JsonElement entry, RgbImage source)
    {
        if (entry.TryGetProperty("crop_first", out var box))
        {
            source = TestImages.Crop(source, new(Number(box, "left"), Number(box, "top"), Number(box, "width"), Number(box, "height")));
        }
        var (width, height) = (Number(entry, "width"), Number(entry, "height"));
        var window = entry.TryGetProperty("centre_crop", out var crop)
            ? new PixelBox(Number(crop, "left"), Number(crop, "top"), Number(crop, "size"), Number(crop, "size"))
            : new PixelBox(0, 0, width, height);
        var filter = entry.GetProperty("resample").GetString() == "bicubic" ? ImageFilter.Bicubic : ImageFilter.Bilinear;
        var pixels = new byte[window.Width * window.Height * 3];
        ImageResampler.Resample(source.Pixels, source.Width, source.Height, 3, width, height, filter, window, pixels);
        return new(window.Width, window.Height, pixels);

        static int Number(JsonElement element, string name) => element.GetProperty(name).GetInt32();
    }
}

using MsVit.MLNet;

namespace MsVit.Tests.Data.Images;

public sealed class PixelVectorFitterTests
{
    [Fact]
    public void A_planar_vector_of_the_right_shape_is_copied()
    {
        var vector = Values(3 * 4 * 5);
        Assert.Equal(vector, Fit(PixelLayout.Planar, 4, 5, 3, new(4, 5, 3), vector));
    }

    [Fact]
    public void An_interleaved_vector_is_taken_apart()
    {
        Assert.Equal([1, 4, 2, 5, 3, 6], Fit(PixelLayout.Interleaved, 1, 2, 3, new(1, 2, 3), [1, 2, 3, 4, 5, 6]));
    }

    [Fact]
    public void Gray_is_repeated_for_color() =>
        Assert.Equal([7, 8, 7, 8, 7, 8], Fit(PixelLayout.Planar, 1, 2, 1, new(1, 2, 3), [7, 8]));

    [Fact]
    public void Color_becomes_luma_for_grey()
    {
        var planar = Fit(PixelLayout.Planar, 1, 2, 3, new(1, 2, 1), [1, 10, 2, 20, 3, 30]);
        Assert.Equal(1.815f, planar[0], 1e-5f); // 0.299 + 2 * 0.587 + 3 * 0.114
        Assert.Equal(18.15f, planar[1], 1e-4f);
        Assert.Equal(planar, Fit(PixelLayout.Interleaved, 1, 2, 3, new(1, 2, 1), [1, 2, 3, 10, 20, 30]));
    }

    [Theory]
    [InlineData(ImageFilter.Bicubic)]
    [InlineData(ImageFilter.Bilinear)]
    public void Another_size_agrees_with_the_definition_of_the_resize(ImageFilter filter)
    {
        const int Height = 19, Width = 23, NewHeight = 8, NewWidth = 31;
        var vector = Values(3 * Height * Width);
        var actual = Fit(PixelLayout.Planar, Height, Width, 3, new(NewHeight, NewWidth, 3, ImageFit.Stretch, filter), vector);
        for (var c = 0; c < 3; c++)
        {
            var plane = new double[Height, Width];
            for (var i = 0; i < Height * Width; i++)
            {
                plane[i / Width, i % Width] = vector[(c * Height * Width) + i];
            }
            var expected = SlowResize.Resize(plane, NewHeight, NewWidth, filter, value => value);
            for (var i = 0; i < NewHeight * NewWidth; i++)
            {
                Assert.Equal(expected[i / NewWidth, i % NewWidth], actual[(c * NewHeight * NewWidth) + i], 1e-5);
            }
        }
    }

    [Fact]
    public void Fits_of_bytes_and_of_floats_agree_within_rounding()
    {
        var random = new RandomStream(40, 0, 0);
        foreach (var fit in Enum.GetValues<ImageFit>())
        {
            var image = new RgbImage(50, 37, TestImages.Noise(50 * 37 * 3, ref random));
            var target = new ImageFitter(24, 20, 3, fit, ImageFilter.Bilinear);
            var bytes = new byte[target.Length];
            target.Fit(image, bytes);
            var floats = Fit(PixelLayout.Interleaved, 37, 50, 3, target, [.. image.Pixels.Select(value => (float)value)]);
            Assert.All(bytes.Zip(floats), pair => Assert.InRange(pair.Second, pair.First - 1.01f, pair.First + 1.01f));
        }
    }

    [Fact]
    public void A_vector_of_another_length_is_refused_with_both_lengths()
    {
        var fitter = new PixelVectorFitter(new(PixelLayout.Planar, 4, 4, 3), new(4, 4, 3));
        var error = Assert.Throws<ArgumentException>(() => fitter.Fit(new float[47], new float[48]));
        Assert.Contains("3 x 4 x 4 = 48 values, got 47", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => fitter.Fit(new float[48], new float[47]));
    }

    private static float[] Fit(PixelLayout layout, int height, int width, int channels, ImageFitter target, float[] vector)
    {
        var planar = Enumerable.Repeat(float.NaN, target.Length).ToArray();
        new PixelVectorFitter(new(layout, height, width, channels), target).Fit(vector, planar);
        return planar;
    }

    private static float[] Values(int count)
    {
        var random = new RandomStream(41, (ulong)count, 0);
        return [.. Enumerable.Range(0, count).Select(_ => random.NextSingle(-2, 2))];
    }
}

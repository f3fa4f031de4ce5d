using System.Security.Cryptography;
using MsVit.MLNet;

namespace MsVit.Tests.Data.Synthetic;

public sealed class ShapeImagesTests
{
    /// <summary>The sum was recorded when the set was made: it changes only if the images do, which is a breaking change.</summary>
    [Theory]
    [InlineData(32, "ff33835c0448396171721ebf9dc23502e5067100ee01dea75c0daa1d7bb86b33")]
    [InlineData(48, "0af3a5946662993fc2bc351c1eaf7df42929c0b62fcab5c74ae334de572bf328")]
    public void The_images_are_the_same_bytes_everywhere(int size, string sha256)
    {
        var images = new ShapeImages(seed: 7, size);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var planar = new byte[3 * size * size];
        for (var sample = 0; sample < 100; sample++)
        {
            images.Draw(sample, planar);
            hash.AppendData(planar);
        }
        Assert.Equal(sha256, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    [Fact]
    public void A_sample_does_not_depend_on_order_or_threads()
    {
        var images = new ShapeImages(seed: 3);
        var inOrder = Enumerable.Range(0, 64).Select(Draw).ToArray();
        Parallel.For(0, 256, i => Assert.Equal(inOrder[63 - (i % 64)], Draw(63 - (i % 64))));

        byte[] Draw(int sample)
        {
            var planar = new byte[3 * 32 * 32];
            images.Draw(sample, planar);
            return planar;
        }
    }

    [Fact]
    public void Seeds_and_samples_differ()
    {
        var images = new HashSet<string>();
        var planar = new byte[3 * 16 * 16];
        for (var seed = 0ul; seed < 4; seed++)
        {
            for (var sample = 0; sample < 50; sample++)
            {
                new ShapeImages(seed, 16).Draw(sample, planar);
                Assert.True(images.Add(Convert.ToBase64String(planar)));
            }
        }
    }

    [Fact]
    public void Any_ten_samples_in_a_row_hold_each_class_once()
    {
        Assert.Equal(10, ShapeImages.ClassNames.Distinct().Count());
        Assert.Equal(10, Enumerable.Range(1234, 10).Select(ShapeImages.Label).Distinct().Count());
    }

    /// <summary>Mean colors per class lie within a few standard errors of one another: 3.3 gray levels for a deviation of about
    /// 74.</summary>
    [Fact]
    public void The_mean_color_tells_nothing_about_the_class()
    {
        const int PerClass = 500;
        var images = new ShapeImages(seed: 5, 16);
        var planar = new byte[3 * 256];
        var sums = new double[10, 3];
        for (var sample = 0; sample < 10 * PerClass; sample++)
        {
            images.Draw(sample, planar);
            for (var channel = 0; channel < 3; channel++)
            {
                sums[ShapeImages.Label(sample), channel] += planar.AsSpan(channel * 256, 256).ToArray().Average(level => level) / PerClass;
            }
        }
        for (var label = 0; label < 10; label++)
        {
            for (var channel = 0; channel < 3; channel++)
            {
                Assert.InRange(sums[label, channel], 127.5 - 13, 127.5 + 13);
            }
        }
    }

    [Fact]
    public void Every_figure_is_inside_at_its_body_and_outside_beyond_its_reach()
    {
        foreach (var shape in Shape.All)
        {
            var (body, area) = (0, 0);
            for (var y = -1.5f; y <= 1.5f; y += 0.05f)
            {
                for (var x = -1.5f; x <= 1.5f; x += 0.05f)
                {
                    var inside = shape.Distance(x, y) < 0;
                    area++;
                    body += inside ? 1 : 0;
                    Assert.False(inside && (x * x) + (y * y) > 1.3f * 1.3f, $"{shape.Name} at ({x}, {y})");
                }
            }
            Assert.InRange(body / (double)area, 0.08, 0.35);
        }
    }

    /// <summary>An exact distance changes by no more than the way gone, and by just that in some direction near the outline.</summary>
    [Fact]
    public void Distances_change_by_at_most_the_way_gone()
    {
        foreach (var shape in Shape.All)
        {
            for (var y = -1.2f; y <= 1.2f; y += 0.13f)
            {
                for (var x = -1.2f; x <= 1.2f; x += 0.13f)
                {
                    var change = Math.Abs(shape.Distance(x + 0.01f, y) - shape.Distance(x, y));
                    Assert.True(change <= 0.0101f, $"{shape.Name} at ({x}, {y}): {change}");
                }
            }
        }
    }

    [Theory]
    [InlineData(15)]
    [InlineData(1025)]
    public void Sizes_out_of_range_are_rejected(int size) => Assert.Throws<ArgumentOutOfRangeException>(() => new ShapeImages(0, size));

    [Theory]
    [InlineData(16)]
    [InlineData(1024)]
    public void The_smallest_and_the_largest_size_are_drawn_to_the_last_pixel(int size)
    {
        var planar = new byte[3 * size * size];
        var images = new ShapeImages(0, size);
        images.Draw(0, planar);
        // Noise covers the image, so that each quarter of each channel has many levels.
        for (var channel = 0; channel < 3; channel++)
        {
            for (var quarter = 0; quarter < 4; quarter++)
            {
                var (top, left) = (quarter / 2 * (size / 2), quarter % 2 * (size / 2));
                var levels = Enumerable.Range(0, size / 2).SelectMany(
                    y => planar.AsSpan((((channel * size) + top + y) * size) + left, size / 2).ToArray()).Distinct();
                Assert.InRange(levels.Count(), 4, 256);
            }
        }
    }
}

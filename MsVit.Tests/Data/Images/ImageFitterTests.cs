using System.Text.Json;
using MsVit.MLNet;
using MsVit.Tests.Golden;

namespace MsVit.Tests.Data.Images;

public sealed class ImageFitterTests
{
    [Fact]
    public void An_image_of_the_right_size_is_only_reordered()
    {
        var random = new RandomStream(30, 0, 0);
        var image = new RgbImage(5, 4, TestImages.Noise(5 * 4 * 3, ref random));
        var planar = new byte[3 * 4 * 5];
        new ImageFitter(4, 5, 3).Fit(image, planar);
        Assert.Equal(TestImages.ToPlanar(image), planar);
    }

    [Fact]
    public void One_channel_is_the_luma_of_the_image()
    {
        var planar = new byte[4];
        new ImageFitter(1, 4, 1).Fit(new(4, 1, [255, 0, 0, 0, 255, 0, 0, 0, 255, 10, 20, 30]), planar);
        Assert.Equal([76, 150, 29, 18], planar);
    }

    /// <summary>The ImageNet protocol: shorter side to 256, center crop of 224, seven eighths of that.</summary>
    [NeedsAugmentGoldenFact(Photos = true)]
    public void A_crop_fraction_is_the_share_of_the_shorter_side_that_the_recorded_crop_keeps()
    {
        var golden = new ResizeGolden();
        var cropped = golden.Cases.Where(recorded => recorded.TryGetProperty("centre_crop", out _)).ToList();
        Assert.NotEmpty(cropped);
        foreach (var recorded in cropped)
        {
            var size = recorded.GetProperty("centre_crop").GetProperty("size").GetInt32();
            var (width, height) = (recorded.GetProperty("width").GetInt32(), recorded.GetProperty("height").GetInt32());
            var filter = Enum.Parse<ImageFilter>(recorded.GetProperty("resample").GetString()!, ignoreCase: true);
            var fitter = new ImageFitter(size, size, 3, filter: filter, cropFraction: (double)size / Math.Min(width, height));
            var image = golden.Source(recorded.GetProperty("source").GetString()!);
            var planar = new byte[fitter.Length];
            fitter.Fit(image, planar);
            Assert.Equal((width, height), fitter.ResizedSize(image.Width, image.Height));
            Assert.Equal(golden.Tensor(recorded.GetProperty("output").GetString()!).Planar, planar);
        }
    }

    [Fact]
    public void The_share_of_the_crop_is_saved_with_the_input_and_is_one_where_it_was_not_saved()
    {
        var input = new InputConfig
        {
            Height = 224,
            Width = 224,
            Channels = 3,
            Fit = ImageFit.CenterCrop,
            CropShare = 0.875,
            Mean = [],
            Deviation = [],
            PixelRange = 255,
            MaxPixels = 1000,
        };
        Assert.Equal((384, 256), input.Fitter().ResizedSize(451, 300));
        var json = JsonSerializer.SerializeToNode(input)!.AsObject();
        Assert.Equal(0.875, json.Deserialize<InputConfig>()!.CropShare);
        json.Remove(nameof(InputConfig.CropShare));
        Assert.Equal((336, 224), json.Deserialize<InputConfig>()!.Fitter().ResizedSize(451, 300));
    }

    [Fact]
    public void A_part_of_a_image_is_fitted_as_if_it_were_cut_out_before()
    {
        var random = new RandomStream(33, 0, 0);
        var image = new RgbImage(30, 20, TestImages.Noise(30 * 20 * 3, ref random));
        var part = new PixelBox(Left: 4, Top: 5, Width: 11, Height: 9);
        foreach (var channels in new[] { 1, 3 })
        {
            var fitter = new ImageFitter(16, 16, channels, ImageFit.Stretch);
            byte[] whole = new byte[fitter.Length], cut = new byte[fitter.Length];
            fitter.Fit(TestImages.Crop(image, part), whole);
            fitter.Fit(image, part, cut);
            Assert.Equal(whole, cut);
        }
    }

    [Theory]
    [InlineData(451, 300, 224, 224, 336, 224, 56, 0)]
    [InlineData(300, 451, 224, 224, 224, 336, 0, 56)]
    [InlineData(100, 100, 32, 32, 32, 32, 0, 0)]
    [InlineData(200, 100, 48, 32, 64, 32, 8, 0)] // not square: the height leads
    [InlineData(100, 100, 48, 32, 48, 48, 0, 8)] // the width leads
    [InlineData(37, 33, 32, 32, 35, 32, 2, 0)] // 1.5 columns left of the crop round to 2
    [InlineData(37, 32, 32, 32, 37, 32, 2, 0)] // 2.5 columns round to 2
    public void The_centre_crop_covers_the_target_and_takes_the_middle(
        int width, int height, int targetWidth, int targetHeight, int resizedWidth, int resizedHeight, int left, int top)
    {
        var geometry = FitGeometry.Of(width, height, targetWidth, targetHeight, ImageFit.CenterCrop, 1);
        Assert.Equal(new FitGeometry(resizedWidth, resizedHeight, new(left, top, targetWidth, targetHeight), 0, 0), geometry);
    }

    [Theory]
    [InlineData(200, 100, 32, 16, 0, 8)]
    [InlineData(100, 200, 16, 32, 8, 0)]
    [InlineData(100, 100, 32, 32, 0, 0)]
    [InlineData(10_000, 1, 32, 1, 0, 15)]
    public void Padding_keeps_the_whole_image_in_the_middle(int width, int height, int resizedWidth, int resizedHeight, int x, int y)
    {
        var geometry = FitGeometry.Of(width, height, 32, 32, ImageFit.Pad, 1);
        Assert.Equal(new FitGeometry(resizedWidth, resizedHeight, new(0, 0, resizedWidth, resizedHeight), x, y), geometry);
    }

    [Fact]
    public void Padding_is_black_even_where_the_memory_was_not()
    {
        var white = new RgbImage(8, 4, Enumerable.Repeat((byte)255, 8 * 4 * 3).ToArray());
        var planar = Enumerable.Repeat((byte)99, 3 * 8 * 8).ToArray();
        new ImageFitter(8, 8, 3, ImageFit.Pad).Fit(white, planar);
        for (var i = 0; i < planar.Length; i++)
        {
            var row = i / 8 % 8;
            Assert.Equal(row is >= 2 and < 6 ? 255 : 0, planar[i]);
        }
    }

    [Fact]
    public void Every_fit_of_every_shape_fills_the_target()
    {
        var random = new RandomStream(31, 0, 0);
        foreach (var fit in Enum.GetValues<ImageFit>())
        {
            for (var round = 0; round < 100; round++)
            {
                var (width, height) = (1 + random.NextInt(90), 1 + random.NextInt(90));
                var image = new RgbImage(width, height, TestImages.Noise(width * height * 3, ref random));
                var fitter = new ImageFitter(
                    1 + random.NextInt(40), 1 + random.NextInt(40), 1 + (2 * random.NextInt(2)), fit,
                        cropFraction: random.NextSingle(0.3f, 1));
                // What was in the target before leaves no trace.
                byte[] zeros = new byte[fitter.Length], ones = new byte[fitter.Length];
                Array.Fill(ones, byte.MaxValue);
                fitter.Fit(image, zeros);
                fitter.Fit(image, ones);
                Assert.Equal(zeros, ones);
                Assert.InRange(zeros.Distinct().Count(), Math.Min(2, fitter.Length), 256);
            }
        }
    }

    [Fact]
    public void A_thousand_threads_agree_with_one()
    {
        var random = new RandomStream(32, 0, 0);
        var images = Enumerable.Range(0, 20).Select(i => new RgbImage(40 + i, 60, TestImages.Noise((40 + i) * 60 * 3, ref random)))
            .ToArray();
        var fitter = new ImageFitter(32, 32, 3);
        var alone = images.Select(Fit).ToArray();
        Parallel.For(0, 1000, i => Assert.Equal(alone[i % 20], Fit(images[i % 20])));

        byte[] Fit(RgbImage image)
        {
            var planar = new byte[fitter.Length];
            fitter.Fit(image, planar);
            return planar;
        }
    }

    [Fact]
    public void Sizes_channels_and_fractions_out_of_range_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new ImageFitter(0, 32, 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ImageFitter(32, 0, 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ImageFitter(32, 32, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ImageFitter(32, 32, 3, cropFraction: 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ImageFitter(32, 32, 3, cropFraction: double.NaN));
        Assert.Throws<ArgumentException>(() => new ImageFitter(32, 32, 3).Fit(new(1, 1, new byte[3]), new byte[5]));
    }
}

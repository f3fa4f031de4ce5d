using MsVit.MLNet;

namespace MsVit.Tests.Training.Augmentation;

public sealed class ImageOperationTests
{
    private static readonly ImageShape Row = new(1, 1, 4);

    [Theory]
    [InlineData((int)ImageOperation.Invert, 0, new byte[] { 0, 100, 200, 255 }, new byte[] { 255, 155, 55, 0 })]
    [InlineData((int)ImageOperation.PosterizeIncreasing, 1, new byte[] { 0, 127, 128, 255 }, new byte[] { 0, 0, 128, 128 })]
    [InlineData((int)ImageOperation.PosterizeIncreasing, 0, new byte[] { 0, 127, 128, 255 }, new byte[] { 0, 0, 0, 0 })]
    [InlineData((int)ImageOperation.SolarizeIncreasing, 100, new byte[] { 0, 99, 100, 255 }, new byte[] { 0, 99, 155, 0 })]
    [InlineData((int)ImageOperation.SolarizeAdd, 100, new byte[] { 0, 100, 127, 128 }, new byte[] { 100, 200, 227, 128 })]
    [InlineData((int)ImageOperation.AutoContrast, 0, new byte[] { 50, 75, 100, 150 }, new byte[] { 0, 63, 127, 255 })]
    [InlineData((int)ImageOperation.AutoContrast, 0, new byte[] { 7, 7, 7, 7 }, new byte[] { 7, 7, 7, 7 })]
    [InlineData((int)ImageOperation.Equalize, 0, new byte[] { 1, 2, 3, 4 }, new byte[] { 1, 2, 3, 4 })]
    [InlineData((int)ImageOperation.BrightnessIncreasing, 1.5, new byte[] { 0, 101, 170, 171 }, new byte[] { 0, 151, 255, 255 })]
    [InlineData((int)ImageOperation.ContrastIncreasing, 0.5, new byte[] { 0, 50, 100, 250 }, new byte[] { 50, 75, 100, 175 })]
    [InlineData((int)ImageOperation.ColorIncreasing, 0.1, new byte[] { 9, 8, 7, 6 }, new byte[] { 9, 8, 7, 6 })]
    [InlineData((int)ImageOperation.TranslateXRel, 0.25, new byte[] { 10, 20, 30, 40 }, new byte[] { 20, 30, 40, 99 })]
    [InlineData((int)ImageOperation.TranslateXRel, -0.5, new byte[] { 10, 20, 30, 40 }, new byte[] { 99, 99, 10, 20 })]
    public void A_row_of_gray_becomes_what_the_definition_says(int operation, double argument, byte[] image, byte[] expected)
    {
        Apply((ImageOperation)operation, argument, image, Row);
        Assert.Equal(expected, image);
    }

    [Fact]
    public void Shears_and_turns_by_a_corner_keep_what_they_turn_about()
    {
        // A 2 x 2 image; sheared along x by 1 each row slides by its distance from the top, 0.5 and 1.5 pixels: one place of four is left.
        byte[] image = [0, 100, 0, 100];
        Apply(ImageOperation.ShearX, 1, image, new(1, 2, 2), WarpFilter.Bilinear);
        Assert.Equal([50, 99, 99, 99], image);

        byte[] quarter = [1, 2, 3, 4];
        Apply(ImageOperation.Rotate, 90, quarter, new(1, 2, 2), WarpFilter.Nearest);
        Assert.Equal([2, 4, 1, 3], quarter);
    }

    [Fact]
    public void Sharpening_leaves_the_border_and_moves_the_middle_away_from_its_neighbors()
    {
        byte[] image = [0, 0, 0, 0, 130, 0, 0, 0, 0];
        Apply(ImageOperation.SharpnessIncreasing, 0, image, new(1, 3, 3));
        Assert.Equal([0, 0, 0, 0, 50, 0, 0, 0, 0], image);
    }

    [Fact]
    public void Without_color_every_channel_is_the_luma()
    {
        byte[] image = [255, 0, 0, 255, 0, 0]; // red and green, planar
        Apply(ImageOperation.ColorIncreasing, 0, image, new(3, 1, 2));
        Assert.Equal([76, 150, 76, 150, 76, 150], image);
    }

    [Fact]
    public void Level_histograms_are_spread_over_all_levels()
    {
        // 510 pixels of two neighboring levels and one more: the step is (511 - 1) / 255 = 2.
        byte[] image = [.. Enumerable.Repeat((byte)100, 255), .. Enumerable.Repeat((byte)101, 255), 102];
        Apply(ImageOperation.Equalize, 0, image, new(1, 1, image.Length));
        Assert.Equal([0, 128, 255], image.Distinct());
    }

    private static void Apply(ImageOperation operation, double argument, byte[] image, ImageShape shape,
        WarpFilter filter = WarpFilter.Bicubic) =>
        new ImageOperations(filter, [99, 99, 99]).Apply(operation, argument, image, shape);
}

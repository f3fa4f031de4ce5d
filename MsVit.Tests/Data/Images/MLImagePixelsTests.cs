using Microsoft.ML.Data;
using MsVit.MLNet;
using MsVit.Tests.Support;

namespace MsVit.Tests.Data.Images;

public sealed class MLImagePixelsTests
{
    [Theory]
    [InlineData(MLPixelFormat.Rgba32, new byte[] { 1, 2, 3, 255, 4, 5, 6, 255 })]
    [InlineData(MLPixelFormat.Bgra32, new byte[] { 3, 2, 1, 255, 6, 5, 4, 255 })]
    public void Both_pixel_formats_give_the_same_colors(MLPixelFormat format, byte[] pixels)
    {
        using var image = MLImage.CreateFromPixels(2, 1, format, pixels);
        var rgb = MLImagePixels.ToRgb(image);
        Assert.Equal((2, 1), (rgb.Width, rgb.Height));
        Assert.Equal([1, 2, 3, 4, 5, 6], rgb.Pixels);
    }

    [Fact]
    public void An_image_decoded_by_MLNet_shows_its_transparency_over_white_as_ours_does()
    {
        var png = PngWriter.Write(2, 1, PngWriter.Rgba, 8, [200, 100, 0, 128, 0, 0, 0, 0]);
        using var image = MLImage.CreateFromStream(new MemoryStream(png));
        Assert.Equal(ImageDecoder.Decode(png, "test").Pixels, MLImagePixels.ToRgb(image).Pixels);
    }

    [Fact]
    public void Colors_above_their_alpha_were_not_multiplied_by_it()
    {
        using var image = MLImage.CreateFromPixels(1, 1, MLPixelFormat.Rgba32, [200, 100, 0, 128]);
        Assert.Equal([227, 177, 127], MLImagePixels.ToRgb(image).Pixels);
    }

    [Fact]
    public void An_alpha_that_is_zero_throughout_behind_colors_is_unused()
    {
        using var image = MLImage.CreateFromPixels(2, 1, MLPixelFormat.Rgba32, [200, 100, 0, 0, 1, 2, 3, 0]);
        Assert.Equal([200, 100, 0, 1, 2, 3], MLImagePixels.ToRgb(image).Pixels);
    }

    [Fact]
    public void Planar_bytes_survive_the_way_through_an_image()
    {
        byte[] planar = [1, 2, 3, 4, 5, 6];
        using var image = MLImagePixels.FromPlanar(planar, height: 1, width: 2);
        Assert.Equal(planar, TestImages.ToPlanar(MLImagePixels.ToRgb(image)));
    }
}

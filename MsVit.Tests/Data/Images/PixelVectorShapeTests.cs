using MsVit.MLNet;

namespace MsVit.Tests.Data.Images;

public sealed class PixelVectorShapeTests
{
    [Theory]
    [InlineData(new[] { 3, 32, 48 }, false, 32, 48, 3)]
    [InlineData(new[] { 1, 28, 28 }, false, 28, 28, 1)]
    [InlineData(new[] { 32, 48, 3 }, true, 32, 48, 3)]
    [InlineData(new[] { 28, 28, 1 }, true, 28, 28, 1)]
    [InlineData(new[] { 28, 20 }, false, 28, 20, 1)]
    [InlineData(new[] { 3, 5, 3 }, false, 5, 3, 3)] // both would fit: ExtractPixels' default wins
    public void Dimensions_tell_the_layout(int[] dimensions, bool interleaved, int height, int width, int channels)
    {
        var layout = interleaved ? PixelLayout.Interleaved : PixelLayout.Planar;
        Assert.Equal(new PixelVectorShape(layout, height, width, channels), PixelVectorShape.FromDimensions(dimensions));
    }

    [Theory]
    [InlineData(new[] { 784 })]
    [InlineData(new[] { 4, 32, 32 })]
    [InlineData(new[] { 3, 0, 0 })]
    [InlineData(new[] { 0 })]
    [InlineData(new[] { 4, 3, 32, 32 })]
    public void Other_dimensions_are_no_image(int[] dimensions) => Assert.Null(PixelVectorShape.FromDimensions(dimensions));

    [Fact]
    public void Bytes_of_either_layout_become_the_same_image()
    {
        byte[] expected = [1, 2, 3, 4, 5, 6];
        Assert.Equal(expected, new PixelVectorShape(PixelLayout.Planar, 1, 2, 3).ToRgb([1, 4, 2, 5, 3, 6]).Pixels);
        Assert.Equal(expected, new PixelVectorShape(PixelLayout.Interleaved, 1, 2, 3).ToRgb([1, 2, 3, 4, 5, 6]).Pixels);
        Assert.Equal([7, 7, 7, 8, 8, 8], new PixelVectorShape(PixelLayout.Planar, 1, 2, 1).ToRgb([7, 8]).Pixels);
        Assert.Throws<ArgumentException>(() => new PixelVectorShape(PixelLayout.Planar, 1, 2, 1).ToRgb([7]));
    }
}

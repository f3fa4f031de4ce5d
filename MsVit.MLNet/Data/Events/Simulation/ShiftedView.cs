namespace MsVit.MLNet.Events;

/// <summary>An image stretched over a sensor and shifted by fractions of a pixel, with bilinear interpolation.</summary>
/// <remarks>Rows and columns use one small table each, so a pixel costs four multiplications.</remarks>
internal readonly ref struct ShiftedView(ReadOnlySpan<byte> image, SensorSize size, SensorSize sensor)
{
    private readonly ReadOnlySpan<byte> _image = image;

    /// <summary>Renders the sensor's view of the image.</summary>
    /// <param name="right">The shift to the right, in sensor pixels.</param>
    /// <param name="down">The shift down, in sensor pixels.</param>
    /// <param name="seen">The output [H, W] at the sensor's size, 0..255.</param>
    public void Show(double right, double down, Span<float> seen)
    {
        var columns = Taps(sensor.Width, size.Width, right);
        var rows = Taps(sensor.Height, size.Height, down);
        for (var y = 0; y < sensor.Height; y++)
        {
            var row = rows[y];
            var upper = _image.Slice(row.First * size.Width, size.Width);
            var lower = _image.Slice(row.Second * size.Width, size.Width);
            var line = seen.Slice(y * sensor.Width, sensor.Width);
            for (var x = 0; x < line.Length; x++)
            {
                var column = columns[x];
                var above = upper[column.First] + ((upper[column.Second] - upper[column.First]) * column.Share);
                var below = lower[column.First] + ((lower[column.Second] - lower[column.First]) * column.Share);
                line[x] = above + ((below - above) * row.Share);
            }
        }
    }

    private static Tap[] Taps(int pixels, int length, double shift)
    {
        var taps = new Tap[pixels];
        for (var i = 0; i < pixels; i++)
        {
            var at = Math.Clamp(((i + 0.5 - shift) * length / pixels) - 0.5, 0, length - 1);
            var first = (int)at;
            taps[i] = new(first, Math.Min(first + 1, length - 1), (float)(at - first));
        }
        return taps;
    }

    private readonly record struct Tap(int First, int Second, float Share);
}

namespace MsVit.MLNet;

/// <summary>Brings vectors of float pixels of one known shape to planar floats [C, H, W] of the target's.</summary>
/// <remarks>
/// The range of the values is the caller's own; it is kept, but for the overshoot of the bicubic kernel, which is not clipped because
/// the range is not known. Color becomes gray by luma, gray becomes color by repetition. Equal shapes are copied. Thread-safe.
/// </remarks>
internal sealed class PixelVectorFitter
{
    private readonly PixelVectorShape _shape;
    private readonly ImageFitter _target;
    private readonly FitGeometry _geometry;
    private readonly ResampleWeights _columns;
    private readonly ResampleWeights _rows;

    /// <param name="shape">The shape of the images in the vectors.</param>
    /// <param name="target">The shape wanted, and how to get there.</param>
    public PixelVectorFitter(PixelVectorShape shape, ImageFitter target)
    {
        _shape = shape;
        _target = target;
        _geometry = target.Geometry(shape.Width, shape.Height);
        _columns = new(shape.Width, _geometry.ResizedWidth, target.Filter, _geometry.Window.Left, _geometry.Window.Width);
        _rows = new(shape.Height, _geometry.ResizedHeight, target.Filter, _geometry.Window.Top, _geometry.Window.Height);
    }

    /// <summary>Fits the image of a vector.</summary>
    /// <param name="vector">Exactly as many values as the shape has.</param>
    /// <param name="planar">[C, H, W] of the target.</param>
    public void Fit(ReadOnlySpan<float> vector, Span<float> planar)
    {
        _shape.CheckLength(vector.Length);
        if (planar.Length != _target.Length)
        {
            throw new ArgumentException($"The result has {_target.Length} values, but room for {planar.Length} was given.", nameof(planar));
        }
        var plane = new float[_shape.Height * _shape.Width];
        var size = _target.Height * _target.Width;
        for (var c = 0; c < _target.Channels; c++)
        {
            if (c > 0 && _shape.Channels == 1)
            {
                planar[..size].CopyTo(planar[(c * size)..]);
                continue;
            }
            TakePlane(vector, c, plane);
            Resample(plane, planar.Slice(c * size, size));
        }
    }

    private void TakePlane(ReadOnlySpan<float> vector, int channel, Span<float> plane)
    {
        var toGray = _shape.Channels == 3 && _target.Channels == 1;
        for (var i = 0; i < plane.Length; i++)
        {
            plane[i] = toGray
                ? Luma.Of(vector[_shape.IndexOf(i, 0)], vector[_shape.IndexOf(i, 1)], vector[_shape.IndexOf(i, 2)])
                : vector[_shape.IndexOf(i, channel)];
        }
    }

    /// <summary>Rows first, then columns; weights and sums in double precision, float in between.</summary>
    private void Resample(ReadOnlySpan<float> plane, Span<float> target)
    {
        if (_geometry.ResizedWidth == _shape.Width && _geometry.ResizedHeight == _shape.Height && plane.Length == target.Length)
        {
            plane.CopyTo(target);
            return;
        }
        var (width, height) = (_geometry.Window.Width, _geometry.Window.Height);
        var narrowed = new float[_shape.Height * width];
        for (var y = _rows.FirstInput; y < _rows.EndInput; y++)
        {
            for (var x = 0; x < width; x++)
            {
                narrowed[(y * width) + x] = Sum(plane[((y * _shape.Width) + _columns.Start(x))..], 1, _columns.Of(x));
            }
        }
        target.Clear();
        for (var y = 0; y < height; y++)
        {
            var to = target.Slice(((_geometry.OffsetY + y) * _target.Width) + _geometry.OffsetX, width);
            for (var x = 0; x < width; x++)
            {
                to[x] = Sum(narrowed.AsSpan((_rows.Start(y) * width) + x), width, _rows.Of(y));
            }
        }
    }

    private static float Sum(ReadOnlySpan<float> samples, int step, ReadOnlySpan<double> weights)
    {
        var sum = 0.0;
        for (var j = 0; j < weights.Length; j++)
        {
            sum += samples[j * step] * weights[j];
        }
        return (float)sum;
    }
}

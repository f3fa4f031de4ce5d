namespace MsVit.MLNet;

/// <summary>Which samples of a line enter each output sample, and with what weight; the weights of one output sum to 1.</summary>
/// <remarks>
/// For n input and m output samples: scale = n/m, s = max(1, scale), center of output i = (i + 0.5) scale, weight of input j =
/// f((j + 0.5 - center)/s) over the support of f. This is the definition of Pillow's antialiased resize.
/// </remarks>
internal sealed class ResampleWeights
{
    private readonly int[] _starts;
    private readonly int[] _counts;
    private readonly double[] _weights;
    private readonly int _taps;

    /// <param name="input">The length of the line.</param>
    /// <param name="output">The length that the whole line is resized to.</param>
    /// <param name="filter">The kernel.</param>
    /// <param name="first">The first output sample that is wanted.</param>
    /// <param name="count">How many output samples are wanted.</param>
    public ResampleWeights(int input, int output, ImageFilter filter, int first, int count)
    {
        var scale = (double)input / output;
        var stretch = Math.Max(1.0, scale);
        var support = (filter == ImageFilter.Bicubic ? 2.0 : 1.0) * stretch;
        _taps = ((int)Math.Ceiling(support) * 2) + 1;
        _starts = new int[count];
        _counts = new int[count];
        _weights = new double[count * _taps];
        for (var i = 0; i < count; i++)
        {
            var center = (first + i + 0.5) * scale;
            var low = Math.Max(0, (int)(center - support + 0.5));
            var high = Math.Min(input, (int)(center + support + 0.5));
            _starts[i] = low;
            _counts[i] = high - low;
            Fill(_weights.AsSpan(i * _taps, high - low), filter, low - center + 0.5, 1 / stretch);
        }
    }

    /// <summary>The number of output samples.</summary>
    public int Count => _starts.Length;

    /// <summary>The first input sample that any output needs.</summary>
    public int FirstInput => _starts[0];

    /// <summary>One past the last input sample that any output needs.</summary>
    public int EndInput => _starts[^1] + _counts[^1];

    /// <summary>The first input sample of an output sample.</summary>
    public int Start(int output) => _starts[output];

    /// <summary>The weights of an output sample, for the input samples from <see cref="Start"/> on.</summary>
    public ReadOnlySpan<double> Of(int output) => _weights.AsSpan(output * _taps, _counts[output]);

    private static void Fill(Span<double> weights, ImageFilter filter, double offset, double step)
    {
        var sum = 0.0;
        for (var j = 0; j < weights.Length; j++)
        {
            weights[j] = filter == ImageFilter.Bicubic ? Cubic((j + offset) * step) : Triangle((j + offset) * step);
            sum += weights[j];
        }
        for (var j = 0; j < weights.Length; j++)
        {
            weights[j] /= sum;
        }
    }

    private static double Triangle(double x) => Math.Max(0, 1 - Math.Abs(x));

    private static double Cubic(double x)
    {
        const double A = -0.5;
        x = Math.Abs(x);
        return x < 1 ? (((A + 2) * x - (A + 3)) * x * x) + 1
            : x < 2 ? ((((x - 5) * x) + 8) * x - 4) * A
            : 0;
    }
}

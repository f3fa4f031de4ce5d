namespace MsVit.MLNet;

/// <summary>Resampling weights as whole numbers of 2^-22, rounded half away from zero, as Pillow has them for 8-bit images.</summary>
internal sealed class FixedPointWeights
{
    public const int FractionBits = 22;

    private readonly ResampleWeights _exact;
    private readonly int[] _weights;
    private readonly int[] _offsets;

    public FixedPointWeights(ResampleWeights exact)
    {
        _exact = exact;
        _offsets = new int[exact.Count + 1];
        for (var i = 0; i < exact.Count; i++)
        {
            _offsets[i + 1] = _offsets[i] + exact.Of(i).Length;
        }
        _weights = new int[_offsets[^1]];
        for (var i = 0; i < exact.Count; i++)
        {
            Round(exact.Of(i), _weights.AsSpan(_offsets[i]));
        }
    }

    public int Count => _exact.Count;

    public int FirstInput => _exact.FirstInput;

    public int EndInput => _exact.EndInput;

    public int Start(int output) => _exact.Start(output);

    public ReadOnlySpan<int> Of(int output) => _weights.AsSpan(_offsets[output].._offsets[output + 1]);

    private static void Round(ReadOnlySpan<double> exact, Span<int> rounded)
    {
        for (var j = 0; j < exact.Length; j++)
        {
            rounded[j] = (int)((exact[j] * (1 << FractionBits)) + (exact[j] < 0 ? -0.5 : 0.5));
        }
    }
}

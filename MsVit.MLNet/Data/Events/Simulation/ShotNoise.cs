namespace MsVit.MLNet.Events;

/// <summary>Draws which pixels fire noise events in one step.</summary>
/// <remarks>
/// A pixel fires with probability p = darkest x (1 - 0.75 I / 255). Since this is rare, each pixel first draws one byte (four bytes per
/// random word). Only the few pixels with a byte below g = ceil(256 darkest) then draw a number u, and fire if u g / 256 is below p.
/// </remarks>
internal struct ShotNoise
{
    private const float LessWhenWhite = 0.75f;
    private const float Bytes = 256;

    private readonly float _darkest;
    private readonly uint _gate;
    private RandomStream _random;
    private uint _word;
    private int _left;

    /// <param name="darkest">The probability for a dark pixel; values above 1 count as 1.</param>
    /// <param name="random">The step's random stream.</param>
    public ShotNoise(float darkest, RandomStream random)
    {
        _darkest = Math.Min(darkest, 1);
        _gate = (uint)MathF.Ceiling(_darkest * Bytes);
        _random = random;
    }

    /// <summary>Whether the next pixel fires.</summary>
    /// <param name="gray">Its gray level, 0..255.</param>
    /// <param name="on">Its polarity.</param>
    /// <param name="share">The time within the step, 0..1.</param>
    public bool Fires(float gray, out bool on, out float share)
    {
        (on, share) = (false, 0);
        if (_left == 0)
        {
            (_word, _left) = (_random.NextUInt32(), 4);
        }
        var candidate = (_word & 0xFF) < _gate;
        _word >>= 8;
        _left--;
        if (!candidate)
        {
            return false;
        }
        var probability = _darkest * (1 - (LessWhenWhite * (Math.Clamp(gray, 0, 255) / 255)));
        if (!(_random.NextSingle() * _gate < probability * Bytes))
        {
            return false;
        }
        on = _random.NextInt(2) == 1;
        share = _random.NextSingle();
        return true;
    }
}

namespace MsVit.MLNet.Events;

/// <summary>Draws which pixels fire without cause in one step.</summary>
/// <remarks>
/// A pixel fires with probability p = darkest x (1 - 0.75 I / 255). Since that is rare, each pixel first draws a byte, four of which make one random
/// word, and only the few with a byte below g = ceil(256 darkest) draw a number u of their own: they fire where u g / 256 is below p.
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

    /// <param name="darkest">The probability of a dark pixel; above 1 counts as 1.</param>
    /// <param name="random">The step's own stream.</param>
    public ShotNoise(float darkest, RandomStream random)
    {
        _darkest = Math.Min(darkest, 1);
        _gate = (uint)MathF.Ceiling(_darkest * Bytes);
        _random = random;
    }

    /// <summary>Whether the next pixel fires.</summary>
    /// <param name="gray">Its gray level, 0..255.</param>
    /// <param name="on">Its polarity.</param>
    /// <param name="share">When in the step, 0..1.</param>
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

namespace MsVit.MLNet.Kernels;

/// <summary>A batch norm whose statistics are known: a channel's current is scale x + shift.</summary>
/// <param name="Scale">One a channel.</param>
/// <param name="Shift">One a channel.</param>
internal sealed record ChannelAffine(float[] Scale, float[] Shift)
{
    // Scoring asks again and again for the same; a race costs one more of them.
    private LaneAffine? _tiled;

    public int Channels => Scale.Length;

    /// <summary>For the neurons of a block.</summary>
    public LaneAffine Tiled(int pitch)
    {
        var tiled = _tiled;
        if (tiled is null || !tiled.Fits(pitch))
        {
            _tiled = tiled = LaneAffine.Tile(pitch, Scale, Shift);
        }
        return tiled;
    }
}

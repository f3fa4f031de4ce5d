using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace MsVit.MLNet.Kernels;

/// <summary>A batch norm with known statistics: the current of a channel is scale x + shift.</summary>
/// <param name="Scale">One per channel.</param>
/// <param name="Shift">One per channel.</param>
internal sealed record ChannelAffine(float[] Scale, float[] Shift)
{
    // Scoring asks for the same one repeatedly. A race only creates it twice.
    private LaneAffine? _tiled;

    public int Channels => Scale.Length;

    /// <summary>The scales and shifts for the neurons of a block.</summary>
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

/// <summary>Turns the elements that a layer reads into currents: a scale and a shift for each neuron of a block.</summary>
/// <remarks>A block of a normalized layer consists of whole pixels, channels last, so that one pattern fits every block.</remarks>
internal sealed unsafe class LaneAffine
{
    private static readonly ConcurrentDictionary<int, LaneAffine> Identities = [];

    private readonly float[] _values;
    private readonly int _pitch;

    private LaneAffine(int pitch)
    {
        _pitch = pitch;
        _values = GC.AllocateUninitializedArray<float>(2 * pitch, pinned: true);
    }

    /// <summary>One scale per neuron of a block.</summary>
    public float* Scale => Address;

    /// <summary>One shift per neuron of a block.</summary>
    public float* Shift => Address + _pitch;

    // Pinned. The pass that uses it keeps it alive.
    private float* Address => (float*)Unsafe.AsPointer(ref _values[0]);

    /// <summary>The scales and shifts of a batch norm. Without a norm, the elements are the currents.</summary>
    public static LaneAffine Of(LaneBlocks blocks, ChannelAffine? norm) =>
        norm is null ? Identities.GetOrAdd(blocks.Pitch, pitch => Tile(pitch, [1], [0])) : norm.Tiled(blocks.Pitch);

    /// <summary>Repeats the channels of a pixel.</summary>
    public static LaneAffine Tile(int pitch, float[] scale, float[] shift)
    {
        var affine = new LaneAffine(pitch);
        for (var lane = 0; lane < pitch; lane++)
        {
            affine._values[lane] = scale[lane % scale.Length];
            affine._values[pitch + lane] = shift[lane % shift.Length];
        }
        return affine;
    }

    /// <summary>Whether it fits blocks of this pitch.</summary>
    public bool Fits(int pitch) => pitch == _pitch;
}

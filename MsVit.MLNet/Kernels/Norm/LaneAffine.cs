using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace MsVit.MLNet.Kernels;

/// <summary>What makes currents of the elements that a layer reads: a scale and a shift for each neuron of a block.</summary>
/// <remarks>Blocks of a normalized layer are whole numbers of pixels, whose channels lie side by side: one pattern fits all.</remarks>
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

    /// <summary>One scale a neuron of a block.</summary>
    public float* Scale => Address;

    /// <summary>One shift a neuron of a block.</summary>
    public float* Shift => Address + _pitch;

    // Pinned, and kept alive by whoever runs the blocks.
    private float* Address => (float*)Unsafe.AsPointer(ref _values[0]);

    /// <summary>Those of a batch norm; without one, the elements are the currents.</summary>
    public static LaneAffine Of(LaneBlocks blocks, ChannelAffine? norm) =>
        norm is null ? Identities.GetOrAdd(blocks.Pitch, pitch => Tile(pitch, [1], [0])) : norm.Tiled(blocks.Pitch);

    /// <summary>The channels of a pixel, over and over.</summary>
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

    /// <summary>Whether it is for blocks of this size.</summary>
    public bool Fits(int pitch) => pitch == _pitch;
}

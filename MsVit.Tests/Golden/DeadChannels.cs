using MsVit.MLNet;
using TorchSharp;
using static TorchSharp.torch;

namespace MsVit.Tests.Golden;

/// <summary>A recorded network with dead channels between the recorded ones: it computes the same, on the paths of wide layers.</summary>
/// <remarks>
/// The weights from and to a dead channel are 0, and so are scale and shift of its batch norm: it never fires, and nothing hears it. The
/// recorded channels of a head stay together, in front of the dead ones that widen it.
/// </remarks>
internal static class DeadChannels
{
    /// <summary>The network of a case, so many times as wide.</summary>
    public static MsVitNetwork Create(GoldenCase golden, int times, Device device)
    {
        var config = GoldenVariants.Config(golden.Json, ProjectionCoupling.Batch);
        var network = new MsVitNetwork(config with
        {
            EmbedDim = times * config.EmbedDim,
            StageDims = config.StageDims is { } dims ? [.. dims.Select(dim => times * dim)] : null,
        });
        network.to(device);
        using var scope = NewDisposeScope();
        var shapes = network.state_dict().ToDictionary(pair => pair.Key, pair => pair.Value.shape);
        var widened = golden.Under("state/").Where(pair => !ReferenceNames.IsUnused(pair.Key))
            .ToDictionary(pair => pair.Key, pair => Widen(pair.Value, shapes[ReferenceNames.ToOurs(pair.Key)], config.NumHeads));
        NetworkWeights.Load(network, widened, "widened golden state");
        return network;
    }

    /// <summary>What a tensor of the wide network, of a parameter or of channels last, holds for the recorded channels.</summary>
    /// <param name="wide">Of the wide network.</param>
    /// <param name="recorded">The recorded tensor.</param>
    /// <param name="heads">Of the network.</param>
    public static Tensor Recorded(Tensor wide, Tensor recorded, int heads)
    {
        var shape = Padded(recorded.shape, wide.dim());
        for (var axis = 0; axis < shape.Length; axis++)
        {
            if (shape[axis] != wide.shape[axis])
            {
                wide = wide.index_select(axis, Places(shape[axis], wide.shape[axis], heads).to(wide.device));
            }
        }
        return wide.reshape(recorded.shape);
    }

    private static Tensor Widen(Tensor recorded, long[] wide, int heads)
    {
        var tensor = recorded.reshape(Padded(recorded.shape, wide.Length));
        for (var axis = 0; axis < wide.Length; axis++)
        {
            if (tensor.shape[axis] != wide[axis])
            {
                long[] shape = [.. tensor.shape[..axis], wide[axis], .. tensor.shape[(axis + 1)..]];
                tensor = zeros(shape, dtype: tensor.dtype, device: tensor.device)
                    .index_copy(axis, Places(tensor.shape[axis], wide[axis], heads).to(tensor.device), tensor);
            }
        }
        return tensor;
    }

    // Where channels that heads share out go; others go to the front.
    private static Tensor Places(long recorded, long wide, int heads)
    {
        var channel = arange(recorded);
        return recorded % heads == 0
            ? channel.div(recorded / heads, RoundingMode.floor) * (wide / heads) + channel.remainder(recorded / heads)
            : channel;
    }

    // Spikformer's linear layers are convolutions here.
    private static long[] Padded(long[] shape, long axes) => [.. shape, .. Enumerable.Repeat(1L, (int)axes - shape.Length)];
}

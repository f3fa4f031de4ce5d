using System.Text.Json.Serialization;

namespace MsVit.MLNet;

/// <summary>The second scale of token attention: the branch p next to q and k.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ScaleBranch>))]
public enum ScaleBranch
{
    /// <summary>A convolution over 3 tokens whose spikes are summed over the channels of a head, like those of q: the paper.</summary>
    Summed,

    /// <summary>A convolution over 1 token, added channel by channel to the sum of q: the released CIFAR-100 code.</summary>
    Broadcast,

    /// <summary>
    /// A convolution over 1 token, summed: the only reading that gives the 1.67 million parameters that the paper states for event
    /// cameras.
    /// </summary>
    Pointwise,

    /// <summary>The sum of q counts twice; p is computed but not used: the released CIFAR10-DVS code.</summary>
    QueryTwice,

    /// <summary>No second scale: the attention of QKFormer.</summary>
    None,
}

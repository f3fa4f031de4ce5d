using System.Text.Json.Serialization;

namespace MsVit.MLNet;

/// <summary>The second scale of token attention: the branch p beside q and k.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ScaleBranch>))]
public enum ScaleBranch
{
    /// <summary>A convolution over 3 tokens whose spikes are summed over the channels of a head, as q's are: the paper's.</summary>
    Summed,

    /// <summary>A convolution over 1 token, added channel by channel to the sum of q: what the released CIFAR-100 code runs.</summary>
    Broadcast,

    /// <summary>A convolution over 1 token, summed: the only reading with the 1.67 million parameters that the paper prints for event
    /// cameras.</summary>
    Pointwise,

    /// <summary>q's sum counts twice; p is computed, but nobody looks at it: what the released CIFAR10-DVS code runs.</summary>
    QueryTwice,

    /// <summary>There is none: QKFormer's attention.</summary>
    None,
}

namespace MsVit.MLNet;

/// <summary>One layer of a network as data: what it computes, from what, at which sizes.</summary>
internal sealed record PlannedLayer
{
    /// <summary>Its path in the state dict, without the endings of its parts: stage1.0.tssa.q for q_conv, q_bn and q_lif.</summary>
    public string Name => Output.Name;

    /// <summary>
    /// The path of the module that it belongs to: patch_embed1, stage1.0.tssa, stage1.0.mlp; empty for the network itself.
    /// </summary>
    public string Module => Name.Contains('.', StringComparison.Ordinal) ? Name[..Name.LastIndexOf('.')] : "";

    /// <summary>What it computes.</summary>
    public required LayerKind Kind { get; init; }

    /// <summary>The part of the network that it belongs to.</summary>
    public required LayerPart Part { get; init; }

    /// <summary>The stage, from 1.</summary>
    public required int Stage { get; init; }

    /// <summary>The path of its block, for example stage1.0; null outside of blocks.</summary>
    public required string? Block { get; init; }

    /// <summary>What it reads, in the order q, p; k, mask; q, k, v.</summary>
    public required IReadOnlyList<Activation> Inputs { get; init; }

    /// <summary>What it gives to the next layer.</summary>
    public required Activation Output { get; init; }

    /// <summary>What its spikes are added to; null without a residual connection.</summary>
    public Activation? Residual { get; init; }

    /// <summary>The kernel along each axis. The default is 1.</summary>
    public int Kernel { get; init; } = 1;

    /// <summary>The stride along each axis. The default is 1.</summary>
    public int Stride { get; init; } = 1;

    /// <summary>Where a max-pool halves height and width. The default is nowhere.</summary>
    public PoolOrder Pool { get; init; }

    /// <summary>The most spikes that each of its neurons fires in a time step. The default is 1.</summary>
    public int Levels { get; init; } = 1;

    /// <summary>Attention heads; 0 outside of attention.</summary>
    public int Heads { get; init; }

    /// <summary>The names in the state dict and the shapes of all that it learns.</summary>
    public IReadOnlyList<(string Name, long[] Shape)> Parameters { get; init; } = [];

    /// <summary>How many numbers it learns.</summary>
    public long ParameterCount => Parameters.Sum(parameter => parameter.Shape.Aggregate(1L, (product, size) => product * size));

    /// <summary>The first of what it reads.</summary>
    public Activation Input => Inputs[0];

    /// <summary>Whether it is a convolution, with batch norm and neurons.</summary>
    public bool IsConvolution => Kind is LayerKind.Convolution or LayerKind.TokenConvolution;

    /// <summary>Multiply-accumulates of one run of its convolution.</summary>
    public long ConvolutionMacs =>
        Convolved.Values * Input.Channels * (Kind == LayerKind.TokenConvolution ? Kernel : Kernel * Kernel);

    /// <summary>Whether it runs once for a sample, not once per time step: it reads pixels.</summary>
    public bool RunsOnce => Input.Kind == ActivationKind.Pixels;

    /// <summary>The path of its convolution.</summary>
    public string Conv => Name + "_conv";

    /// <summary>The path of its neurons; null if it has none.</summary>
    public string? Neurons => IsConvolution || Kind is LayerKind.TokenScores or LayerKind.HeadProducts ? Name + "_lif" : null;

    /// <summary>Channels of a head.</summary>
    public int ChannelsPerHead => Input.Channels / Heads;

    /// <summary>What leaves the convolution.</summary>
    public Activation Convolved => Input.Strided(Stride) with { Channels = Output.Channels };

    /// <summary>What its neurons fire: one neuron a value.</summary>
    public Activation Fired => Pool == PoolOrder.BeforeNeurons ? Convolved.Strided(2) : Convolved;
}

/// <summary>What a layer computes.</summary>
internal enum LayerKind
{
    /// <summary>A convolution over height and width, with batch norm and neurons.</summary>
    Convolution,

    /// <summary>A convolution over the tokens, row by row, with batch norm and neurons.</summary>
    TokenConvolution,

    /// <summary>Token attention: sums of the spikes of q, and of p, over the channels of each head; neurons fire on them.</summary>
    TokenScores,

    /// <summary>Token attention: the spikes of k at the tokens where the scores fired.</summary>
    TokenMask,

    /// <summary>Self-attention: q (k^T v) of each head; neurons fire on them.</summary>
    HeadProducts,

    /// <summary>The mean over the tokens.</summary>
    TokenMean,

    /// <summary>The classifier, on the mean over time.</summary>
    Linear,
}

/// <summary>The part of a network that a layer belongs to.</summary>
internal enum LayerPart
{
    /// <summary>The first embedding.</summary>
    Stem,

    /// <summary>The embedding before a later stage.</summary>
    StageEmbedding,

    /// <summary>q, k, v or p: its spikes go to attention and not to a convolution.</summary>
    Operand,

    /// <summary>What attention does with its operands.</summary>
    Attention,

    /// <summary>The convolution that follows attention.</summary>
    Projection,

    /// <summary>The second half of a block.</summary>
    Mlp,

    /// <summary>Mean and classifier.</summary>
    Head,
}

/// <summary>Where a layer halves height and width.</summary>
internal enum PoolOrder
{
    /// <summary>Nowhere.</summary>
    None,

    /// <summary>Between batch norm and neurons.</summary>
    BeforeNeurons,

    /// <summary>After the neurons: the maximum of spikes.</summary>
    AfterNeurons,
}

using System.Security.Cryptography;
using Microsoft.ML;
using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>The trained model that a training starts from.</summary>
internal sealed class StartingModel
{
    private const string HeadPrefix = "head.";

    private readonly MsVitModel _model;

    private StartingModel(MsVitModel model) => _model = model;

    /// <summary>The one MsVit model in a pipeline; null for null.</summary>
    /// <exception cref="ArgumentException">There is none, or more than one.</exception>
    public static StartingModel? In(ITransformer? pipeline)
    {
        if (pipeline is null)
        {
            return null;
        }
        MsVitTransformer[] found = [.. Parts(pipeline).OfType<MsVitTransformer>()];
        return found.Length == 1
            ? new(found[0].Model)
            : throw new ArgumentException($"StartFrom has {found.Length} MsVit models ({pipeline.GetType().Name}); it must have one.", nameof(pipeline));
    }

    /// <summary>Gives the options the model's network and what it expects of an image.</summary>
    public void ApplyTo(MsVitOptions options)
    {
        var input = _model.Card.Input;
        options.Network = _model.Card.Network;
        (options.Mean, options.Deviation) = input.IsFrames ? (null, null) : (input.Mean, input.Deviation);
        (options.PixelRange, options.ImageFit) = (input.PixelRange, input.Fit);
    }

    /// <summary>Copies the weights and statistics; those of the head only if the classes are the same.</summary>
    /// <returns>Whether the head was copied.</returns>
    public bool CopyTo(MsVitNetwork network, LabelValues labels)
    {
        var keepsHead = labels.HasValues && labels.ItemType == _model.Card.Labels.ItemType && labels.Values.SequenceEqual(_model.Card.Labels.Values);
        using var gradientFree = no_grad();
        using var scope = NewDisposeScope();
        var source = _model.Network.state_dict();
        foreach (var (name, target) in network.state_dict().Where(pair => keepsHead || !pair.Key.StartsWith(HeadPrefix, StringComparison.Ordinal)))
        {
            target.copy_(source[name]);
        }
        return keepsHead;
    }

    /// <summary>Tells it from another model.</summary>
    public string Fingerprint()
    {
        using var sha = SHA256.Create();
        using (var hashing = new CryptoStream(Stream.Null, sha, CryptoStreamMode.Write))
        {
            NetworkWeights.Save(_model.Network, hashing);
        }
        return Convert.ToHexString(sha.Hash!);
    }

    private static IEnumerable<ITransformer> Parts(ITransformer transformer) =>
        transformer is IEnumerable<ITransformer> chain ? chain.SelectMany(Parts) : [transformer];
}

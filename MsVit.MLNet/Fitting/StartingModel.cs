using System.Security.Cryptography;
using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>The trained model that fine-tuning starts from.</summary>
internal sealed class StartingModel(MsVitModel model)
{
    private const string HeadPrefix = "head.";

    /// <summary>Takes the network and the preprocessing over from the model.</summary>
    public void ApplyTo(MsVitOptions options)
    {
        var input = model.Card.Input;
        options.Network = model.Card.Network;
        (options.Mean, options.Deviation) = input.IsFrames ? (null, null) : (input.Mean, input.Deviation);
        (options.PixelRange, options.ImageFit) = (input.PixelRange, input.Fit);
    }

    /// <summary>Copies the weights and statistics; those of the head only if the classes are the same.</summary>
    /// <returns>Whether the head was copied.</returns>
    public bool CopyTo(MsVitNetwork network, LabelValues labels)
    {
        var own = model.Card.Labels;
        var keepsHead = labels.HasValues && labels.ItemType == own.ItemType && labels.Values.SequenceEqual(own.Values);
        using var gradientFree = no_grad();
        using var scope = NewDisposeScope();
        var source = model.Network.state_dict();
        foreach (var (name, target) in network.state_dict())
        {
            if (keepsHead || !name.StartsWith(HeadPrefix, StringComparison.Ordinal))
            {
                target.copy_(source[name]);
            }
        }
        return keepsHead;
    }

    /// <summary>A hash of the weights, which tells the model from any other.</summary>
    public string Fingerprint()
    {
        using var sha = SHA256.Create();
        using (var hashing = new CryptoStream(Stream.Null, sha, CryptoStreamMode.Write))
        {
            NetworkWeights.Save(model.Network, hashing);
        }
        return Convert.ToHexString(sha.Hash!);
    }
}

using System.Security.Cryptography;
using System.Text.Json.Nodes;
using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>The trained model that fine-tuning starts from.</summary>
internal sealed class StartingModel(MsVitModel model)
{
    // The weights do not depend on these.
    private static readonly string[] Free =
        [nameof(MsVitConfig.Name), nameof(MsVitConfig.Classes), nameof(MsVitConfig.Height), nameof(MsVitConfig.Width)];

    /// <summary>Whether a property of a network may differ from the model's.</summary>
    public static bool IsFree(string property) => Free.Contains(property);

    /// <summary>Whether the model was saved without its head, to start from.</summary>
    public bool IsHeadless => model.Card.IsHeadless;

    /// <summary>Lists the values of a network that differ from those of the network to start from.</summary>
    /// <param name="given">
    /// The network that the user wants. Its name, its number of classes and the size of its input may differ.
    /// </param>
    /// <param name="own">The network of the model.</param>
    /// <returns>Texts such as "EmbedDim is 64, but 96 in the model"; none if the networks are the same.</returns>
    public static IEnumerable<string> Differences(MsVitConfig given, MsVitConfig own)
    {
        var (wanted, present) = (JsonNode.Parse(given.ToJson())!.AsObject(), JsonNode.Parse(own.ToJson())!.AsObject());
        return from name in wanted.Select(pair => pair.Key).Union(present.Select(pair => pair.Key))
               where !IsFree(name)
               where !JsonNode.DeepEquals(wanted[name], present[name])
               select $"{name} is {Text(wanted[name])}, but {Text(present[name])} in the model";
    }

    /// <summary>Describes every option that contradicts the model.</summary>
    public IEnumerable<string> Faults(MsVitOptions options)
    {
        var (network, input) = (model.Card.Network, model.Card.Input);
        string[] differences = options.IsNetworkGiven ? [.. Differences(options.Network, network)] : [];
        if (differences.Length > 0)
        {
            yield return $"Network is {options.Network.Name} and StartFrom has the network {network.Name}, which differs: "
                + $"{string.Join("; ", differences)}. Leave Network out, or set StartFrom to null to train this network from random "
                + "weights.";
        }
        var defaults = new MsVitOptions();
        var contradicts = new (string Name, bool IsOther)[]
        {
            (nameof(options.Mean), options.Mean is { } mean && !mean.SequenceEqual(input.Mean)),
            (nameof(options.Deviation), options.Deviation is { } deviation && !deviation.SequenceEqual(input.Deviation)),
            (nameof(options.PixelRange), options.PixelRange != defaults.PixelRange && options.PixelRange != input.PixelRange),
            (nameof(options.ImageFit), !IsHeadless && options.ImageFit != defaults.ImageFit && options.ImageFit != input.Fit),
        };
        foreach (var (name, _) in contradicts.Where(option => option.IsOther))
        {
            yield return $"{name} differs from that of StartFrom, which is used: leave {name} out.";
        }
    }

    /// <summary>Takes the network and the preprocessing over from the model, except for the size of the input if it was set.</summary>
    public void ApplyTo(MsVitOptions options)
    {
        var input = model.Card.Input;
        options.Network = options.IsNetworkGiven ? Resized(options.Network, model.Card.Network) : model.Card.Network;
        (options.Mean, options.Deviation) = input.IsFrames ? (null, null) : (input.Mean, input.Deviation);
        (options.PixelRange, options.ImageFit) = (input.PixelRange, IsHeadless ? options.ImageFit : input.Fit);
    }

    /// <summary>The network of a model at the size that the user wants.</summary>
    public static MsVitConfig Resized(MsVitConfig given, MsVitConfig own) => own with { Height = given.Height, Width = given.Width };

    /// <summary>Copies the weights and statistics; those of the head only if the classes are the same.</summary>
    /// <returns>Whether the head was copied.</returns>
    public bool CopyTo(MsVitNetwork network, LabelValues labels)
    {
        var own = model.Card.Labels;
        var keepsHead = !IsHeadless && labels.HasValues && labels.ItemType == own.ItemType && labels.Values.SequenceEqual(own.Values);
        using var gradientFree = no_grad();
        using var scope = NewDisposeScope();
        var source = model.Network.state_dict();
        foreach (var (name, target) in network.state_dict())
        {
            if (keepsHead || !NetworkWeights.IsOfHead(name))
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

    private static string Text(JsonNode? value) => value?.ToJsonString().Trim('"') ?? "null";
}

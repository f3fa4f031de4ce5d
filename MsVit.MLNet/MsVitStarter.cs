using Microsoft.ML;
using MsVit.MLNet.Analysis;

namespace MsVit.MLNet;

/// <summary>A trained network that ships with the library, for training to start from: see <see cref="MsVitOptions.StartFrom"/>.</summary>
/// <remarks>
/// A few hundred images are enough to train it further. It has no head, so it cannot classify by itself. docs/starters.md is the model
/// card of all of them.
/// </remarks>
/// <example>
/// <code>
/// using var start = MsVitStarter.Load("starter-64");
/// var trainer = mlContext.MulticlassClassification.Trainers.MsVit(new MsVitOptions { StartFrom = start });
/// </code>
/// </example>
public sealed record MsVitStarter
{
    private readonly StarterCard _card;

    private MsVitStarter(StarterCard card)
    {
        _card = card;
        Network = card.Network;
        var operations = SynapticOperations.Of(Network);
        var head = operations.Layers.Where(layer => layer.Kind == OperationKind.Linear).ToArray();
        Parameters = operations.Parameters - head.Sum(layer => layer.Parameters);
        Operations = operations.Layers.Except(head).Sum(layer => layer.Macs * SynapticOperations.Runs(layer, Network.TimeSteps));
    }

    /// <summary>All starting models, the smallest input first.</summary>
    public static IReadOnlyList<MsVitStarter> All { get; } = [.. StarterCard.All.Select(card => new MsVitStarter(card))];

    /// <summary>Their names.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. StarterCard.All.Select(card => card.Name)];

    /// <summary>The name, such as starter-64.</summary>
    public string Name => _card.Name;

    /// <summary>The network. Its number of classes has no meaning.</summary>
    public MsVitConfig Network { get; }

    /// <summary>The number of parameters, without a head.</summary>
    public long Parameters { get; }

    /// <summary>
    /// Multiplications or additions for one image, without a head, over all time steps, if every neuron fired once in each.
    /// </summary>
    public long Operations { get; }

    /// <summary>The accuracy that it reached, and on what.</summary>
    public string Accuracy => _card.Accuracy;

    /// <summary>The images that it was trained on.</summary>
    public string Data => _card.Data;

    /// <summary>The terms of those images.</summary>
    public string Terms => _card.Terms;

    /// <summary>The command that trained it.</summary>
    public string Command => _card.Command;

    /// <summary>The day on which it was trained, such as 2026-11-29.</summary>
    public string Date => _card.Date;

    /// <summary>What it must not be used for.</summary>
    public string NotFor => _card.NotFor;

    /// <summary>The starting model with this name; case is ignored.</summary>
    /// <exception cref="ArgumentException">There is none with this name; the message lists the names.</exception>
    public static MsVitStarter Find(string name) =>
        All.FirstOrDefault(starter => starter.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
        ?? throw new ArgumentException(
            $"There is no starting model '{name}'.{NearestNames.Question(name, Names)} "
            + $"The starting models are: {string.Join(", ", Names)}.", nameof(name));

    /// <summary>Loads a starting model onto the CPU. The caller disposes it after training.</summary>
    /// <param name="name">Its name, in any case.</param>
    /// <exception cref="ArgumentException">There is none with this name; the message lists the names.</exception>
    public static MsVitTransformer Load(string name) => Find(name).Load();

    /// <summary>Loads it onto the CPU. The caller disposes it after training.</summary>
    public MsVitTransformer Load() => new(new MLContext(), _card.Load());
}

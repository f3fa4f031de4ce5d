using MsVit.MLNet;
using MsVit.Trainer.Data;

namespace MsVit.Trainer.Runs;

/// <summary>What a run of <c>msvit train</c> does.</summary>
internal sealed record TrainSettings
{
    public required OpenedData Train { get; init; }

    /// <summary>What the model is evaluated on in the end; null for nothing.</summary>
    public OpenedData? Test { get; init; }

    public required MsVitOptions Options { get; init; }

    public required string Output { get; init; }

    /// <summary>The folder of the run's checkpoints.</summary>
    public required string Checkpoint { get; init; }

    /// <summary>The folder of decoded recordings; null for none.</summary>
    public string? Cache { get; init; }

    /// <summary>Where to write the report; null for none.</summary>
    public string? Report { get; init; }

    public bool Json { get; init; }

    /// <summary>The command that goes on with the run.</summary>
    public required string ResumeCommand { get; init; }
}

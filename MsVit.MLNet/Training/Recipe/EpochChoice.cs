using System.Text.Json.Serialization;

namespace MsVit.MLNet;

/// <summary>The samples on which the best epoch is chosen. Models, model cards and reports state the choice.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<EpochChoice>))]
public enum EpochChoice
{
    /// <summary>Samples that are used neither for training nor for the test: held out, or passed to Fit as validation data.</summary>
    Validation,

    /// <summary>
    /// The test set, passed to Fit as validation data. This is the protocol of the published figures, for comparison with them. The
    /// accuracy on the set that chose the best of many epochs is higher than on new data.
    /// </summary>
    TestSet,
}

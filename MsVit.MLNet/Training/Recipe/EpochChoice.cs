using System.Text.Json.Serialization;

namespace MsVit.MLNet;

/// <summary>On which samples the best epoch is chosen. Models, their cards and reports say which.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<EpochChoice>))]
public enum EpochChoice
{
    /// <summary>On samples that are neither trained on nor tested on: held out, or given to Fit as validation data.</summary>
    Validation,

    /// <summary>
    /// On the test set, which is given to Fit as validation data: the protocol of the published figures, to compare with them. The accuracy of the best
    /// of many epochs on the very set that chose it is higher than on new data.
    /// </summary>
    TestSet,
}

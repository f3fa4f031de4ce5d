using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace MsVit.MLNet.Hosting;

/// <summary>Adds trained models to an application, to serve predictions.</summary>
/// <remarks>
/// A model is loaded and warmed up when the host starts and reloaded when its file is replaced. When the host stops, accepted requests
/// are still answered. Inject the model as <see cref="IMsVitPredictor"/>; a named model is a keyed service.
/// </remarks>
public static class MsVitServiceCollectionExtensions
{
    /// <summary>Adds the only model of an application, or its unnamed one.</summary>
    /// <param name="services">The application's services.</param>
    /// <param name="configure">Sets at least <see cref="MsVitServingOptions.ModelPath"/>.</param>
    public static IServiceCollection AddMsVit(this IServiceCollection services, Action<MsVitServingOptions> configure) =>
        services.AddMsVit(Microsoft.Extensions.Options.Options.DefaultName, configure);

    /// <summary>Adds the only model of an application, or its unnamed one, from configuration.</summary>
    /// <param name="services">The application's services.</param>
    /// <param name="section">
    /// A section with the names of <see cref="MsVitServingOptions"/>, such as <c>configuration.GetSection("MsVit")</c>.
    /// </param>
    public static IServiceCollection AddMsVit(this IServiceCollection services, IConfiguration section) =>
        services.AddMsVit(Microsoft.Extensions.Options.Options.DefaultName, section);

    /// <summary>Adds a named model as a keyed service: <c>[FromKeyedServices("name")] IMsVitPredictor</c>.</summary>
    /// <param name="services">The application's services.</param>
    /// <param name="name">The name; if it was added before, its configuration is extended.</param>
    /// <param name="configure">Sets at least <see cref="MsVitServingOptions.ModelPath"/>.</param>
    public static IServiceCollection AddMsVit(this IServiceCollection services, string name, Action<MsVitServingOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(configure);
        services.AddOptions<MsVitServingOptions>(name).Configure(configure).ValidateOnStart();
        return services.AddPredictor(name);
    }

    /// <summary>Adds a named model from configuration as a keyed service.</summary>
    /// <param name="services">The application's services.</param>
    /// <param name="name">The name; if it was added before, its configuration is extended.</param>
    /// <param name="section">A section with the names of <see cref="MsVitServingOptions"/>.</param>
    public static IServiceCollection AddMsVit(this IServiceCollection services, string name, IConfiguration section)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(section);
        services.AddOptions<MsVitServingOptions>(name).Bind(section, binder => binder.ErrorOnUnknownConfiguration = true).ValidateOnStart();
        return services.AddPredictor(name);
    }

    /// <summary>
    /// Adds two health checks of a model: "msvit-live" with the tag live, and "msvit-ready" with the tag ready. For a named model, ":name"
    /// is appended.
    /// </summary>
    /// <remarks>
    /// Live fails when a batch runs for more than a minute plus four deadlines: restart the process. Ready fails before the model is
    /// loaded and while the application stops; it is degraded while the current file cannot be loaded or the queue is full.
    /// </remarks>
    /// <param name="builder">The result of <c>AddHealthChecks</c>.</param>
    /// <param name="name">The name of the model; null (the default) for the unnamed one.</param>
    public static IHealthChecksBuilder AddMsVit(this IHealthChecksBuilder builder, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var key = name ?? Microsoft.Extensions.Options.Options.DefaultName;
        var suffix = key.Length == 0 ? "" : $":{key}";
        builder.Add(new($"msvit-live{suffix}", services => new LiveCheck(Predictor(services)), failureStatus: null, ["live"]));
        return builder.Add(new($"msvit-ready{suffix}", services => new ReadyCheck(Predictor(services)), failureStatus: null, ["ready"]));

        MsVitPredictor Predictor(IServiceProvider services) => services.GetRequiredKeyedService<MsVitPredictor>(key);
    }

    private static IServiceCollection AddPredictor(this IServiceCollection services, string name)
    {
        services.AddLogging();
        services.AddMetrics();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<MsVitServingOptions>, MsVitServingOptionsRules>());
        services.TryAddSingleton<ServingMetrics>();
        if (services.Any(service => service.ServiceType == typeof(MsVitPredictor) && Equals(service.ServiceKey, name)))
        {
            return services;
        }
        services.AddKeyedSingleton(name, (provider, _) => ActivatorUtilities.CreateInstance<MsVitPredictor>(
            provider, name, provider.GetRequiredService<IOptionsMonitor<MsVitServingOptions>>().Get(name)));
        services.AddKeyedSingleton<IMsVitPredictor>(name, (provider, _) => provider.GetRequiredKeyedService<MsVitPredictor>(name));
        services.AddSingleton<IHostedService>(provider => ActivatorUtilities.CreateInstance<ModelService>(
            provider, provider.GetRequiredKeyedService<MsVitPredictor>(name)));
        if (name.Length == 0)
        {
            services.AddSingleton(provider => provider.GetRequiredKeyedService<IMsVitPredictor>(name));
        }
        return services;
    }
}

using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace MsVit.MLNet.Hosting;

/// <summary>Adds trained models, ready to predict, to an application.</summary>
/// <remarks>
/// A model is loaded and warmed up as the host starts, followed as its file is replaced, and stopped with the host, after what was accepted
/// is answered. Take it as <see cref="IMsVitPredictor"/>; a named one as a keyed service.
/// </remarks>
public static class MsVitServiceCollectionExtensions
{
    /// <summary>Adds the application's one model, or its unnamed one.</summary>
    /// <param name="services">The application's services.</param>
    /// <param name="configure">Sets at least <see cref="MsVitServingOptions.ModelPath"/>.</param>
    public static IServiceCollection AddMsVit(this IServiceCollection services, Action<MsVitServingOptions> configure) =>
        services.AddMsVit(Microsoft.Extensions.Options.Options.DefaultName, configure);

    /// <summary>Adds the application's one model, or its unnamed one, from configuration.</summary>
    /// <param name="services">The application's services.</param>
    /// <param name="section">With the names of <see cref="MsVitServingOptions"/>, such as <c>configuration.GetSection("MsVit")</c>.</param>
    public static IServiceCollection AddMsVit(this IServiceCollection services, IConfiguration section) =>
        services.AddMsVit(Microsoft.Extensions.Options.Options.DefaultName, section);

    /// <summary>Adds a named model, a keyed service: <c>[FromKeyedServices("name")] IMsVitPredictor</c>.</summary>
    /// <param name="services">The application's services.</param>
    /// <param name="name">Its name; a name that was added before is configured further.</param>
    /// <param name="configure">Sets at least <see cref="MsVitServingOptions.ModelPath"/>.</param>
    public static IServiceCollection AddMsVit(this IServiceCollection services, string name, Action<MsVitServingOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(configure);
        services.AddOptions<MsVitServingOptions>(name).Configure(configure).ValidateOnStart();
        return services.AddPredictor(name);
    }

    /// <summary>Adds a named model from configuration, a keyed service.</summary>
    /// <param name="services">The application's services.</param>
    /// <param name="name">Its name; a name that was added before is configured further.</param>
    /// <param name="section">With the names of <see cref="MsVitServingOptions"/>.</param>
    public static IServiceCollection AddMsVit(this IServiceCollection services, string name, IConfiguration section)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(section);
        services.AddOptions<MsVitServingOptions>(name).Bind(section, binder => binder.ErrorOnUnknownConfiguration = true).ValidateOnStart();
        return services.AddPredictor(name);
    }

    /// <summary>Adds two checks of a model: "msvit-live", tagged live, and "msvit-ready", tagged ready; with ":name" behind for a named one.</summary>
    /// <remarks>
    /// Live fails when a batch has run for a minute and four deadlines: the process should be restarted. Ready fails before the model is
    /// loaded and while the application stops, and is degraded while the file on disk cannot be loaded or the queue is full.
    /// </remarks>
    /// <param name="builder">What <c>AddHealthChecks</c> gives.</param>
    /// <param name="name">The model's name; the unnamed one by default.</param>
    public static IHealthChecksBuilder AddMsVit(this IHealthChecksBuilder builder, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var key = name ?? Microsoft.Extensions.Options.Options.DefaultName;
        var suffix = key.Length == 0 ? "" : $":{key}";
        builder.Add(new($"msvit-live{suffix}", services => new LiveCheck(services.GetRequiredKeyedService<MsVitPredictor>(key)), failureStatus: null, ["live"]));
        return builder.Add(new($"msvit-ready{suffix}", services => new ReadyCheck(services.GetRequiredKeyedService<MsVitPredictor>(key)), failureStatus: null, ["ready"]));
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
